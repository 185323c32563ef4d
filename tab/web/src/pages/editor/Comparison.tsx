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
import { useLanguage } from "../../i18n/Language";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { useClosing } from "../../ui/useClosing";
import type { Kept } from "./Draft";
import { changedWords } from "./SaveStatus";
import { useSaving } from "./useSaving";

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
  title: string;
  theirs: Kept;
  rows: Difference[];
  copyMine: () => Promise<() => void>;
  onClose: () => void;
}

/** What differs between the two versions, field by field, and which one stays. */
export function Comparison({ title, theirs, rows, copyMine, onClose }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { me } = useSession();
  const { draft } = useSaving();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { open, closeThen } = useClosing();

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
        if (!data.open && !busy && data.type !== "backdropClick") closeThen(onClose);
      }}
    >
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
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

export interface Difference {
  key: string;
  label: string;
  mine: string;
  theirs: string;
}

const before = 120;
const shown = 600;

/** Of long texts, the part where they begin to differ. */
export function aroundDifference(mine: string, theirs: string): { mine: string; theirs: string } {
  let at = 0;
  while (at < mine.length && mine[at] === theirs[at]) at++;
  const from = Math.max(mine.length, theirs.length) <= shown ? 0 : Math.max(0, at - before);
  const part = (text: string) =>
    `${from > 0 ? "…" : ""}${text.slice(from, from + shown)}${text.length > from + shown ? "…" : ""}`;
  return { mine: part(mine), theirs: part(theirs) };
}
