import type { Campaign, CampaignInput } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { dateAndTime } from "../../words/moments";
import { windowLines } from "../../words/window";
import { aroundDifference, Comparison, type Difference } from "./Comparison";
import { inputOf } from "./fields";
import { useListsById } from "./ListPicker";
import { useCopyMine } from "./useCopyMine";
import { useDraft } from "./useDraft";

interface Props {
  theirs: Campaign;
  onClose: () => void;
}

export default function CompareDialog({ theirs, onClose }: Props) {
  const { t, locale } = useLanguage();
  const { fields } = useDraft();
  const copyMine = useCopyMine();
  const mine = inputOf(fields);
  const ids = [mine, theirs].flatMap(({ audience }) => [
    ...(audience.listIds ?? []),
    ...(audience.excludeListIds ?? []),
  ]);
  const unique = [...new Set(ids)];
  const lists = useListsById(unique);
  const nameOf = (id: string) => lists[unique.indexOf(id)]?.data?.name ?? id;
  return (
    <Comparison
      title={t("editor.conflict.title")}
      theirs={theirs}
      rows={differences(mine, theirs, nameOf, locale, t)}
      copyMine={copyMine}
      onClose={onClose}
    />
  );
}

/** In the order of the steps; what has no words of its own is shown as it is stored. */
export function differences(
  mine: CampaignInput,
  theirs: CampaignInput,
  listName: (id: string) => string,
  locale: string,
  t: Translate,
): Difference[] {
  const rows: Difference[] = [];
  const add = (key: string, label: string, words: (version: CampaignInput) => string) => {
    const [my, their] = [words(mine), words(theirs)];
    if (my !== their) rows.push({ key, label, ...aroundDifference(my, their) });
  };
  add("name", t("editor.name"), ({ name }) => name);
  add("format", t("editor.format"), ({ format }) => t(`format.${format}`));
  const labels: Record<string, string> = {
    title: t("card.title"),
    text: t("text.label"),
    imageUrl: t("card.image"),
    imageAlt: t("card.alt"),
    buttons: t("card.buttons"),
    card: t("card.json.label"),
  };
  for (const key of new Set([...Object.keys(labels), ...Object.keys(mine.content), ...Object.keys(theirs.content)])) {
    add(`content/${key}`, labels[key] ?? t("review.message"), ({ content }) =>
      valueWords(Object.entries(content), key),
    );
  }
  add("who", t("aud.title"), ({ audience }) => t(audience.all ? "aud.all" : "aud.some"));
  add("lists", t("lists.title"), ({ audience }) => (audience.listIds ?? []).map(listName).join("\n"));
  add("emails", t("aud.addresses"), ({ audience }) => (audience.emails ?? []).join("\n"));
  add("except", t("aud.except"), ({ audience }) => (audience.excludeListIds ?? []).map(listName).join("\n"));
  add("timing", t("editor.step.time"), ({ timing: { at, window } }) => {
    if (window) return [t("time.window"), ...windowLines(window, locale, t)].join("\n");
    return at ? dateAndTime(Date.parse(at), locale) : t("time.now");
  });
  return rows;
}

function valueWords(entries: [string, unknown][], key: string): string {
  const value = entries.find(([name]) => name === key)?.[1];
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
