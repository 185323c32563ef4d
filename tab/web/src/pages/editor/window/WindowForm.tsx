import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Body1Strong,
  Button,
  Caption1,
  makeStyles,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from "@fluentui/react-components";
import { type ReactNode, useEffect, useState } from "react";
import type { WindowDefaults } from "../../../api/timing";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { FailedFace } from "../../../ui/Faces";
import { now } from "../../../words/clock";
import { holidayWords, hoursWords, newWindow, presenceWords, previewWords, zoneWords } from "../../../words/window";
import { useDraft } from "../useDraft";
import { DaysRow } from "./DaysRow";
import { HolidaysField } from "./HolidaysField";
import { PresenceField } from "./PresenceField";
import { SpeedField } from "./SpeedField";
import { useProblemAt } from "./useProblemAt";
import { useWindow, useWindowDefaults, useWindowPreview, useWindowProblems } from "./useWindow";
import { WeekHoursField } from "./WeekHoursField";
import { WindowPicture } from "./WindowPicture";
import { ZoneField } from "./ZoneField";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXL },
  says: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  fits: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  wrong: { color: tokens.colorStatusDangerForeground1 },
  quiet: { color: tokens.colorNeutralForeground3 },
  // Its words stand in line with those above, its ground around them.
  details: { marginInline: `calc(-1 * ${tokens.spacingHorizontalM})` },
  part: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    paddingBlock: tokens.spacingVerticalM,
  },
  header: { display: "flex", flexDirection: "column", textAlign: "start", paddingBlock: tokens.spacingVerticalS },
});

/** The days and hours of a campaign that goes on for a while: chosen beforehand, so that an author may take them as they are. */
export default function WindowForm() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const [window, change] = useWindow();
  const defaults = useWindowDefaults();
  const missing = fields.window === null;
  useEffect(() => {
    if (missing && defaults.data) draft.edit({ window: newWindow(defaults.data, now()) });
  }, [draft, missing, defaults.data]);
  if (window) {
    return (
      <div className={styles.form}>
        <DaysRow window={window} onChange={change} />
        <Said window={window} onChange={change} />
        <Details window={window} defaults={defaults.data} onChange={change} />
      </div>
    );
  }
  if (defaults.isError) {
    return <FailedFace title={t("window.failed")} error={defaults.error} onRetry={() => void defaults.refetch()} />;
  }
  return (
    <Skeleton aria-label={t("app.loading")} className={styles.form}>
      <SkeletonItem size={32} />
      <SkeletonItem size={128} />
    </Skeleton>
  );
}

/** What it comes to: a sentence, and the picture. */
function Said({ window, onChange }: { window: SendWindow; onChange: (change: Partial<SendWindow>) => void }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { preview, waiting, error, retry } = useWindowPreview();
  const problem = useProblemAt();
  const whole = problem("/timing/window", false);
  if (error) return <FailedFace title={t("window.preview.failed")} error={error} onRetry={retry} />;
  if (!preview) {
    return (
      <Skeleton aria-label={t("app.loading")} className={styles.says}>
        <SkeletonItem size={16} />
        <SkeletonItem size={128} />
      </Skeleton>
    );
  }
  const words = previewWords(preview, locale, t);
  const small = preview.problems.find(({ code }) => code === "window_too_small")?.params;
  const fits = (["days", "perHour"] as const).flatMap((field) => {
    const value = Number(small?.[field]);
    return value > 0 ? [{ field, value }] : [];
  });
  return (
    <div className={styles.says} data-field="/timing/window" aria-busy={waiting}>
      <div role="status" className={styles.says}>
        {"validationMessage" in whole && (
          <Text weight="semibold" className={styles.wrong}>
            {whole.validationMessage}
          </Text>
        )}
        {fits.length > 0 && (
          <span className={styles.fits}>
            {fits.map(({ field, value }) => (
              <Button
                key={field}
                size="small"
                onClick={() => {
                  onChange({ [field]: value });
                }}
              >
                {t(field === "days" ? "window.fits.days" : "window.fits.speed", { n: value })}
              </Button>
            ))}
          </span>
        )}
        {words && <Text weight="semibold">{words}</Text>}
        {words && (
          <Caption1 className={styles.quiet}>
            {t(window.presence === "any" ? "window.says.random" : "window.says.random.presence")}
          </Caption1>
        )}
      </div>
      <WindowPicture window={window} preview={preview} />
    </div>
  );
}

type Part = "hours" | "zone" | "presence" | "speed";

/** In which part each field of the window stands. */
const fieldsOfPart: Record<Part, string[]> = {
  hours: ["hours", "holidays"],
  zone: ["timeZone", "ownTimeZone"],
  presence: ["presence", "presenceUnknown"],
  speed: ["perHour"],
};

interface DetailsProps {
  window: SendWindow;
  defaults: WindowDefaults | undefined;
  onChange: (change: Partial<SendWindow>) => void;
}

/** Everything else, each part with a line that says how it is. A part in which something is wrong is open. */
function Details({ window, defaults, onChange }: DetailsProps) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { unreadableAt } = useDraft();
  const problems = useWindowProblems();
  const [open, setOpen] = useState<Part[]>([]);
  const wrong = (part: Part) =>
    [...problems.map(({ field }) => field), ...unreadableAt].some((field) =>
      fieldsOfPart[part].includes(field.split("/")[3] ?? ""),
    );
  // It stays open when that is mended: nothing closes under somebody's hands.
  const opening = (Object.keys(fieldsOfPart) as Part[]).filter((each) => wrong(each) && !open.includes(each));
  if (opening.length > 0) setOpen([...open, ...opening]);
  const { holidays = [], perHour = 0 } = window;
  const hours = hoursWords(window.hours, locale, t);
  const item = (part: Part, title: string, summary: string, children: ReactNode) => (
    <PartItem part={part} title={title} summary={summary}>
      {children}
    </PartItem>
  );
  return (
    <Accordion
      className={styles.details}
      multiple
      collapsible
      openItems={open}
      onToggle={(_, data) => {
        setOpen(data.openItems as Part[]);
      }}
    >
      {item(
        "hours",
        t("window.hours"),
        holidays.length > 0 ? t("window.hours.except", { hours, days: holidayWords(holidays, locale) }) : hours,
        <>
          <WeekHoursField hours={window.hours} onChange={(next) => onChange({ hours: next })} />
          <HolidaysField window={window} onChange={onChange} />
        </>,
      )}
      {item(
        "zone",
        t("window.zone"),
        zoneWords(window, t),
        <ZoneField window={window} zones={defaults?.zones ?? [window.timeZone]} onChange={onChange} />,
      )}
      {item(
        "presence",
        t("window.presence"),
        presenceWords(window, t),
        <PresenceField window={window} allowed={defaults?.presence} onChange={onChange} />,
      )}
      {item(
        "speed",
        t("window.speed.title"),
        perHour > 0 ? t("window.line.speed", { n: perHour }) : t("window.speed.none"),
        <SpeedField window={window} onChange={onChange} />,
      )}
    </Accordion>
  );
}

function PartItem({
  part,
  title,
  summary,
  children,
}: {
  part: Part;
  title: string;
  summary: string;
  children: ReactNode;
}) {
  const styles = useStyles();
  return (
    <AccordionItem value={part}>
      <AccordionHeader as="h2" expandIconPosition="end" size="large">
        <span className={styles.header}>
          <Body1Strong>{title}</Body1Strong>
          <Caption1 className={styles.quiet}>{summary}</Caption1>
        </span>
      </AccordionHeader>
      <AccordionPanel>
        <div className={styles.part}>{children}</div>
      </AccordionPanel>
    </AccordionItem>
  );
}
