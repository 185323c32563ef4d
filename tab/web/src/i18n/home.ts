import { home } from "./en/home";
import { addEnglish } from "./translate";

/** Imported for its effect by what stands behind the first page: with it its words are there. */
addEnglish(home);
