import { editor } from "./editor";
import { home } from "./home";
import { lists } from "./lists";
import { report } from "./report";

/** What the pages behind the first one say; they bring these words with them (see `../pages.ts`). */
export const pages = { ...editor, ...report, ...lists, ...home };
