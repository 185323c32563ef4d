import { pages } from "./en/pages";
import { addEnglish } from "./translate";

/** Imported for its effect by every page but the first: with it the words of those pages are there. */
addEnglish(pages);
