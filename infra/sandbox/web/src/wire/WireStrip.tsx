import {
  Badge,
  type BadgeProps,
  Body1,
  Button,
  Caption1,
  makeStyles,
  mergeClasses,
  Spinner,
  tokens,
  typographyStyles,
} from "@fluentui/react-components";
import {
  ArrowLeftRegular,
  ArrowRightRegular,
  ChevronDownRegular,
  ChevronRightRegular,
  ChevronUpRegular,
} from "@fluentui/react-icons";
import { memo, useCallback, useId, useMemo, useState, useSyncExternalStore } from "react";
import { layout, narrow } from "../shell/layout";
import { useFormat, useWords } from "../words";
import type { WireHead } from "./WireHead";
import { WireLog } from "./WireLog";

const useStyles = makeStyles({
  strip: {
    flexShrink: 0,
    display: "flex",
    flexDirection: "column",
    backgroundColor: tokens.colorNeutralBackground1,
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    maxHeight: "50vh",
  },
  head: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    paddingLeft: tokens.spacingHorizontalXS,
    paddingRight: tokens.spacingHorizontalM,
    minWidth: 0,
  },
  toggle: { flexShrink: 0 },
  heading: { ...typographyStyles.body1Strong, margin: 0, whiteSpace: "nowrap" },
  count: { color: tokens.colorNeutralForeground3, whiteSpace: "nowrap", [narrow]: { display: "none" } },
  last: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    minWidth: 0,
    marginLeft: "auto",
    color: tokens.colorNeutralForeground2,
    whiteSpace: "nowrap",
  },
  lastWord: { [narrow]: { display: "none" } },
  clip: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  body: {
    height: layout.wireHeight,
    overflow: "auto",
    // Room to read, once a request is open.
    "&:has([aria-expanded='true'])": {
      height: `min(calc(${layout.wireHeight} + ${layout.jsonHeight}), 40vh)`,
    },
  },
  more: { display: "flex", justifyContent: "center", padding: tokens.spacingVerticalS },
  message: { padding: tokens.spacingHorizontalL, color: tokens.colorNeutralForeground2 },
  table: {
    ...typographyStyles.caption1,
    width: "100%",
    borderCollapse: "collapse",
    tableLayout: "fixed",
  },
  headCell: {
    position: "sticky",
    top: 0,
    zIndex: 1,
    textAlign: "left",
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground3,
    backgroundColor: tokens.colorNeutralBackground1,
    padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalS}`,
  },
  cell: {
    padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalS}`,
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
  path: { fontFamily: tokens.fontFamilyMonospace },
  number: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  colOpen: { width: "40px" },
  colTime: { width: "80px", [narrow]: { display: "none" } },
  colDirection: { width: "150px", [narrow]: { width: "48px" } },
  colMethod: { width: "76px" },
  colStatus: { width: "72px" },
  colDuration: { width: "80px", [narrow]: { display: "none" } },
  direction: { display: "inline-flex", alignItems: "center", gap: tokens.spacingHorizontalXS },
  directionName: { [narrow]: { display: "none" } },
  details: {
    display: "grid",
    gridTemplateColumns: "1fr 1fr",
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { gridTemplateColumns: "1fr" },
  },
  json: {
    ...typographyStyles.caption1,
    fontFamily: tokens.fontFamilyMonospace,
    margin: 0,
    padding: tokens.spacingHorizontalS,
    maxHeight: layout.jsonHeight,
    overflow: "auto",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  fullPath: { gridColumn: "1 / -1", overflowWrap: "anywhere" },
  block: { minWidth: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS },
});

/** The requests between Teams and Herald, newest first, each open to its JSON. */
export function WireStrip() {
  const styles = useStyles();
  const words = useWords();
  const format = useFormat();
  // One line at first: the tab and the chats need the room.
  const [open, setOpen] = useState(false);
  const [log] = useState(() => new WireLog());
  const { entries, total, more, state, error } = useSyncExternalStore(log.subscribe, log.get);
  const body = useId();
  const last = entries[0];
  return (
    <section className={styles.strip} aria-label={words.wire}>
      <div className={styles.head}>
        <Button
          className={styles.toggle}
          appearance="subtle"
          icon={open ? <ChevronDownRegular /> : <ChevronUpRegular />}
          aria-expanded={open}
          aria-controls={body}
          aria-label={open ? words.wireHide : words.wireShow}
          onClick={() => setOpen(!open)}
        />
        <h2 className={styles.heading}>{words.wire}</h2>
        <Caption1 className={styles.count}>{words.wireCount(total)}</Caption1>
        {!open && last !== undefined && (
          <Caption1 className={styles.last}>
            <span className={styles.lastWord}>{words.wireLast}</span>
            <Status status={last.status} />
            <span className={styles.clip}>{`${last.method} ${last.path}`}</span>
            <span className={styles.lastWord}>{words.milliseconds(format.duration(last.durationMs))}</span>
          </Caption1>
        )}
      </div>
      <div id={body} hidden={!open}>
        {open && (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
          <div className={styles.body} role="region" aria-label={words.wireList} tabIndex={0}>
            {state === "loading" && <Spinner size="small" label={words.loading} />}
            {state === "failed" && (
              <div className={styles.message} role="alert">
                <Body1>{`${words.wireFailed}. ${error} `}</Body1>
                <Button size="small" onClick={() => void log.refresh()}>
                  {words.retry}
                </Button>
              </div>
            )}
            {state === "ready" && entries.length === 0 && (
              <Body1 block className={styles.message}>
                {words.wireEmpty}
              </Body1>
            )}
            {entries.length > 0 && <WireTable entries={entries} />}
            {more && (
              <div className={styles.more}>
                <Button size="small" onClick={() => void log.showMore()}>
                  {words.wireMore}
                </Button>
              </div>
            )}
          </div>
        )}
      </div>
    </section>
  );
}

function WireTable({ entries }: { entries: WireHead[] }) {
  const styles = useStyles();
  const words = useWords();
  const [open, setOpen] = useState<number | null>(null);
  const toggle = useCallback((seq: number) => setOpen((before) => (before === seq ? null : seq)), []);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <td className={mergeClasses(styles.headCell, styles.colOpen)} />
          <th scope="col" className={mergeClasses(styles.headCell, styles.colTime)}>
            {words.wireTime}
          </th>
          <th scope="col" className={mergeClasses(styles.headCell, styles.colDirection)}>
            <span className={styles.directionName}>{words.wireDirection}</span>
          </th>
          <th scope="col" className={mergeClasses(styles.headCell, styles.colMethod)}>
            {words.wireMethod}
          </th>
          <th scope="col" className={styles.headCell}>
            {words.wirePath}
          </th>
          <th scope="col" className={mergeClasses(styles.headCell, styles.colStatus)}>
            {words.wireStatus}
          </th>
          <th scope="col" className={mergeClasses(styles.headCell, styles.number, styles.colDuration)}>
            {words.wireDuration}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <WireRow key={entry.seq} entry={entry} open={open === entry.seq} onToggle={toggle} />
        ))}
      </tbody>
    </table>
  );
}

interface WireRowProps {
  entry: WireHead;
  open: boolean;
  onToggle: (seq: number) => void;
}

/** One request; during a campaign only new ones are drawn. */
const WireRow = memo(function WireRow({ entry, open, onToggle }: WireRowProps) {
  const styles = useStyles();
  const words = useWords();
  const format = useFormat();
  const details = useId();
  const what = `${entry.method} ${entry.path}`;
  return (
    <>
      <tr>
        <td className={styles.cell}>
          <Button
            size="small"
            appearance="subtle"
            icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
            aria-expanded={open}
            aria-controls={open ? details : undefined}
            aria-label={words.wireDetails(what)}
            onClick={() => onToggle(entry.seq)}
          />
        </td>
        <td className={mergeClasses(styles.cell, styles.colTime)}>{format.exactTime(new Date(entry.at))}</td>
        <td className={styles.cell}>
          <span className={styles.direction}>
            {entry.direction === "to-bot" ? (
              <ArrowLeftRegular aria-hidden="true" />
            ) : (
              <ArrowRightRegular aria-hidden="true" />
            )}
            <span className={styles.directionName}>{words.direction[entry.direction]}</span>
          </span>
        </td>
        <td className={styles.cell}>{entry.method}</td>
        <td className={mergeClasses(styles.cell, styles.path)} title={entry.path}>
          {entry.path}
        </td>
        <td className={styles.cell}>
          <Status status={entry.status} />
        </td>
        <td className={mergeClasses(styles.cell, styles.number, styles.colDuration)}>
          {words.milliseconds(format.duration(entry.durationMs))}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={7} id={details}>
            <Bodies entry={entry} />
          </td>
        </tr>
      )}
    </>
  );
});

function Bodies({ entry }: { entry: WireHead }) {
  const styles = useStyles();
  const words = useWords();
  const { request, response } = useMemo(() => entry.bodies(), [entry]);
  return (
    <div className={styles.details}>
      <Caption1 className={mergeClasses(styles.path, styles.fullPath)}>
        {`${entry.method} ${entry.path}`}
      </Caption1>
      <Json title={words.wireRequest} value={request} />
      <Json title={words.wireResponse} value={response} />
    </div>
  );
}

function Json(props: { title: string; value: unknown }) {
  const styles = useStyles();
  const words = useWords();
  const id = useId();
  const { value } = props;
  return (
    <div className={styles.block}>
      <Caption1 id={id}>{props.title}</Caption1>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre className={styles.json} role="region" aria-labelledby={id} tabIndex={0}>
        {value === null || value === undefined
          ? words.wireNoBody
          : typeof value === "string"
            ? value
            : JSON.stringify(value, null, 2)}
      </pre>
    </div>
  );
}

function Status({ status }: { status: number }) {
  const color: BadgeProps["color"] =
    status >= 500 || status === 0 ? "danger" : status >= 400 ? "warning" : "success";
  return (
    <Badge appearance="tint" color={color} size="small">
      {status === 0 ? "–" : status}
    </Badge>
  );
}
