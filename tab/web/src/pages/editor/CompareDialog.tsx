import {
  Body1,
  Body1Strong,
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import type { Campaign, CampaignInput } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { useClosing } from "../../ui/useClosing";
import { dateAndTime } from "../../words/moments";
import { inputOf } from "./fields";
import { useListsById } from "./ListPicker";
import { changedWords } from "./SaveStatus";
import { useCopyMine } from "./useCopyMine";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  surface: { maxWidth: "60rem" },
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  difference: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  sides: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(16rem, 100%), 1fr))",
    gap: tokens.spacingHorizontalM,
    margin: 0,
  },
  side: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    minWidth: 0,
  },
  who: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  what: {
    margin: 0,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
  actions: { flexWrap: "wrap" },
});

interface Props {
  theirs: Campaign;
  onClose: () => void;
}

/** What differs between the two versions, field by field, and which one stays. */
export default function CompareDialog({ theirs, onClose }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { me } = useSession();
  const { draft, fields } = useDraft();
  const copyMine = useCopyMine();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { open, closeThen } = useClosing();
  const mine = inputOf(fields);
  const ids = [mine, theirs].flatMap(({ audience }) => [
    ...(audience.listIds ?? []),
    ...(audience.excludeListIds ?? []),
  ]);
  const unique = [...new Set(ids)];
  const lists = useListsById(unique);
  const nameOf = (id: string) => lists[unique.indexOf(id)]?.data?.name ?? id;
  const rows = differences(mine, theirs, nameOf, locale, t);

  async function copy() {
    setBusy(true);
    setError(null);
    try {
      const go = await copyMine();
      closeThen(() => {
        onClose();
        go();
      });
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      surfaceMotion={null}
      onOpenChange={(_, data) => {
        if (!data.open && data.type !== "backdropClick") closeThen(onClose);
      }}
    >
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{t("editor.conflict.title")}</DialogTitle>
          <DialogContent className={styles.content}>
            <Body1>
              {changedWords(theirs.updatedBy, Date.parse(theirs.updatedAt), me.id, locale, t)}.{" "}
              {t("editor.compare.text")}
            </Body1>
            {rows.map((row) => (
              <section key={row.key} className={styles.difference}>
                <Body1Strong as="h3" style={{ margin: 0 }}>
                  {row.label}
                </Body1Strong>
                <dl className={styles.sides}>
                  {(["mine", "theirs"] as const).map((side) => (
                    <div key={side} className={styles.side}>
                      <dt className={styles.who}>{t(`editor.compare.${side}`)}</dt>
                      <dd className={styles.what}>{row[side] || t("editor.compare.empty")}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
            {error !== null && (
              <MessageBar intent="error" politeness="assertive">
                <MessageBarBody>{explain(error, t)}</MessageBarBody>
              </MessageBar>
            )}
          </DialogContent>
          <DialogActions fluid className={styles.actions}>
            <Button disabledFocusable={busy} onClick={() => void (busy || copy())}>
              {t("editor.conflict.copy")}
            </Button>
            <Button
              disabled={busy}
              onClick={() => {
                closeThen(() => {
                  onClose();
                  draft.keepTheirs();
                });
              }}
            >
              {t("editor.conflict.theirs")}
            </Button>
            <Button
              disabled={busy}
              appearance="primary"
              onClick={() => {
                closeThen(() => {
                  onClose();
                  void draft.keepMine();
                });
              }}
            >
              {t("editor.conflict.mine")}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

interface Difference {
  key: string;
  label: string;
  mine: string;
  theirs: string;
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
  add("timing", t("editor.step.time"), ({ timing }) =>
    timing.at === null ? t("time.now") : dateAndTime(Date.parse(timing.at), locale),
  );
  return rows;
}

const before = 120;
const shown = 600;

/** Of long texts, the part where they begin to differ. */
function aroundDifference(mine: string, theirs: string): { mine: string; theirs: string } {
  let at = 0;
  while (at < mine.length && mine[at] === theirs[at]) at++;
  const from = Math.max(mine.length, theirs.length) <= shown ? 0 : Math.max(0, at - before);
  const part = (text: string) =>
    `${from > 0 ? "…" : ""}${text.slice(from, from + shown)}${text.length > from + shown ? "…" : ""}`;
  return { mine: part(mine), theirs: part(theirs) };
}

function valueWords(entries: [string, unknown][], key: string): string {
  const value = entries.find(([name]) => name === key)?.[1];
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
