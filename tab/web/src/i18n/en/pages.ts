import { admin } from "./admin";
import { approval } from "./approval";
import { audit } from "./audit";
import { editor } from "./editor";
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

/** What the pages behind the first one say; they bring these words with them (see `../pages.ts`). */
export const pages = {
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
