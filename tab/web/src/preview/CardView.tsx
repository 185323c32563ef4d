import { makeStyles, tokens } from "@fluentui/react-components";
import { AdaptiveCard } from "adaptivecards";
import MarkdownIt from "markdown-it";
import { useEffect, useRef } from "react";
import { teamsHostConfig } from "./hostConfig";

// HTML in a message stays text, as in Teams; markdown-it itself refuses javascript: and its like in links.
const reader = new MarkdownIt({ html: false, linkify: false, breaks: true });
AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = reader.render(text);
  result.didProcess = true;
};

const useStyles = makeStyles({
  card: {
    overflowWrap: "anywhere",
    "& p": { margin: 0 },
    "& ul, & ol": { marginTop: 0, marginBottom: 0, paddingLeft: tokens.spacingHorizontalXXL },
    "& a": { color: tokens.colorBrandForegroundLink },
    "& .ac-adaptiveCard": { backgroundColor: `${tokens.colorTransparentBackground} !important` },
    "& .ac-pushButton": {
      fontFamily: tokens.fontFamilyBase,
      fontSize: tokens.fontSizeBase300,
      fontWeight: tokens.fontWeightSemibold,
      lineHeight: tokens.lineHeightBase300,
      padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
      color: tokens.colorNeutralForeground1,
      backgroundColor: tokens.colorNeutralBackground1,
      border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
      borderRadius: tokens.borderRadiusMedium,
      cursor: "pointer",
    },
    "& .ac-pushButton:hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    "& .ac-pushButton:focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
    "& .ac-actionSet": { rowGap: tokens.spacingVerticalS },
    "& .ac-input": {
      font: "inherit",
      color: tokens.colorNeutralForeground1,
      backgroundColor: tokens.colorNeutralBackground1,
      border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
      borderRadius: tokens.borderRadiusMedium,
      padding: tokens.spacingHorizontalS,
    },
    "& img": { maxWidth: "100%" },
  },
});

/** An Adaptive Card as Teams draws it. Its buttons can be looked at, and do nothing. */
export default function CardView({ card }: { card: Record<string, unknown> }) {
  const styles = useStyles();
  const place = useRef<HTMLDivElement>(null);
  const source = JSON.stringify(card);
  useEffect(() => {
    const view = new AdaptiveCard();
    view.hostConfig = teamsHostConfig();
    view.onExecuteAction = () => undefined;
    view.parse(JSON.parse(source));
    const element = view.render();
    if (!element) return;
    element.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("a")) event.preventDefault();
    });
    // A mock chat on a page with headings of its own: the card's must not mix with them, nor be a stop for Tab.
    element.removeAttribute("tabindex");
    if (place.current) keepImages(place.current, element);
    place.current?.replaceChildren(element);
  }, [source]);
  return <div ref={place} className={styles.card} />;
}

/** Images that are there already stand in the new card too: one that loads again would make the chat jump at each key. */
function keepImages(from: HTMLElement, into: HTMLElement): void {
  const loaded = [...from.querySelectorAll("img")].filter((each) => each.complete && each.naturalWidth > 0);
  for (const fresh of into.querySelectorAll("img")) {
    const at = loaded.findIndex((each) => each.src === fresh.src);
    const [known] = at < 0 ? [] : loaded.splice(at, 1);
    if (!known) continue;
    known.alt = fresh.alt;
    known.title = fresh.title;
    known.className = fresh.className;
    known.style.cssText = fresh.style.cssText;
    fresh.replaceWith(known);
  }
}

/** A plain chat message: Markdown as Teams reads it. */
export function TextView({ text }: { text: string }) {
  const styles = useStyles();
  return (
    <div
      className={styles.card}
      dangerouslySetInnerHTML={{
        __html: reader.render(text).replaceAll("<a ", '<a rel="noreferrer" target="_blank" '),
      }}
    />
  );
}
