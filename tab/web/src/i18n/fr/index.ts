import type { Messages } from "../translate";
import { admin } from "./admin";
import { approval } from "./approval";
import { audit } from "./audit";
import { editor } from "./editor";
import { first } from "./first";
import { health } from "./health";
import { home } from "./home";
import { install } from "./install";
import { lists } from "./lists";
import { message } from "./message";
import { people } from "./people";
import { privacy } from "./privacy";
import { report } from "./report";
import { surveys } from "./surveys";
import { timed } from "./timed";

/** Ce que la page dit en français. Écrit, pas traduit mot à mot. */
export const fr: Messages = {
  ...first,
  ...editor,
  ...report,
  ...lists,
  ...message,
  ...people,
  ...home,
  ...surveys,
  ...admin,
  ...approval,
  ...audit,
  ...health,
  ...install,
  ...privacy,
  ...timed,
};
