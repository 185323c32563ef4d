import {
  Link,
  makeStyles,
  mergeClasses,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  tokens,
  typographyStyles,
} from "@fluentui/react-components";
import {
  type Action,
  AdaptiveCard,
  ExecuteAction,
  GlobalSettings,
  type IMarkdownProcessingResult,
  type Input,
  OpenUrlAction,
  SerializationContext,
  ShowCardAction,
  SubmitAction,
  ToggleVisibilityAction,
  Versions,
} from "adaptivecards";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useWords } from "../words";
import { teamsHostConfig } from "./hostConfig";
import { cardHtml } from "./markdown";
import { useCardStyles } from "./useCardStyles";

// The renderer knows Markdown only through this hook, one for the whole program.
AdaptiveCard.onProcessMarkdown = (text: string, result: IMarkdownProcessingResult) => {
  result.outputHtml = cardHtml(text);
  result.didProcess = true;
};
// Teams shows values and labels as they are written.
GlobalSettings.useMarkdownInRadioButtonAndCheckbox = false;

const useStyles = makeStyles({
  whole: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS, minWidth: 0 },
  links: {
    ...typographyStyles.caption1,
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXS,
    color: tokens.colorNeutralForeground2,
  },
  address: { overflowWrap: "anywhere", fontSize: "inherit" },
});

/** What the person pressed: the name by which the sandbox finds the button, and what the card's inputs hold. */
export interface CardSubmission {
  action?: string;
  inputs: Record<string, unknown>;
}

export interface CardViewProps {
  card: unknown;
  /** Delivers the answer; a rejection is shown under the card in the sandbox's own words. */
  onSubmit: (submission: CardSubmission) => Promise<void>;
}

interface CardLink {
  title: string;
  url: string;
}

/** One Adaptive Card, by the real renderer, as Teams would show it. */
export default function CardView(props: CardViewProps) {
  const styles = useStyles();
  const cardStyles = useCardStyles();
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<{ title: string; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const drawn = useMemo(() => draw(props.card), [props.card]);

  const press = useEffectEvent((action: Action) => {
    if (action instanceof OpenUrlAction) {
      const url = safeUrl(action.url);
      if (url !== null) window.open(url, "_blank", "noopener,noreferrer");
      return;
    }
    // The renderer has shown or hidden things already; nobody else hears of it.
    if (action instanceof ToggleVisibilityAction || action instanceof ShowCardAction) return;
    if (!(action instanceof SubmitAction) && !(action instanceof ExecuteAction)) {
      setProblem({ title: words.cardRefused, text: words.cardNoAction });
      return;
    }
    setBusy(true);
    setProblem(null);
    props
      .onSubmit(submissionOf(action))
      .catch((error: unknown) =>
        setProblem({ title: words.cardRefused, text: error instanceof Error ? error.message : "" }),
      )
      .finally(() => setBusy(false));
  });

  useEffect(() => {
    place.current?.replaceChildren(...drawn.nodes);
    return drawn.listen((action) => press(action));
  }, [drawn]);

  return (
    <div className={styles.whole}>
      <div
        ref={place}
        className={mergeClasses(cardStyles.card, busy && cardStyles.busy)}
        aria-busy={busy}
        inert={busy}
      />
      {busy && <Spinner size="tiny" label={words.cardSubmitting} />}
      {drawn.error !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{words.cardBroken}</MessageBarTitle>
            {drawn.error}
          </MessageBarBody>
        </MessageBar>
      )}
      {problem !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{problem.title}</MessageBarTitle>
            {problem.text}
          </MessageBarBody>
        </MessageBar>
      )}
      {drawn.links.length > 0 && (
        <ul className={styles.links} aria-label={words.linksOfCard}>
          {drawn.links.map((link, index) => (
            // Two buttons may bear the same title and the same address.
            <li key={index}>
              {link.title}
              {": "}
              <Link
                className={styles.address}
                href={link.url}
                target="_blank"
                title={words.linkNewTab}
                rel="noopener noreferrer"
                inline
              >
                {link.url}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface DrawnCard {
  nodes: HTMLElement[];
  links: CardLink[];
  /** Why there is nothing to show. */
  error: string | null;
  /** Hears of pressed buttons until the returned function is called. */
  listen: (press: (action: Action) => void) => () => void;
}

/** Makes the card's elements. Teams shows no card that its renderer cannot read, so an error is part of the answer. */
export function draw(json: unknown): DrawnCard {
  const card = new AdaptiveCard();
  card.hostConfig = teamsHostConfig;
  try {
    card.parse(json, new SerializationContext(Versions.v1_5));
    const element = card.render();
    // The renderer leaves the attribute out when altText is empty, and a screen reader would say the address.
    for (const image of element?.querySelectorAll("img:not([alt])") ?? []) image.setAttribute("alt", "");
    return {
      nodes: element === undefined ? [] : [element],
      links: linksOf(card),
      error: null,
      listen: (press) => {
        card.onExecuteAction = press;
        return () => {
          delete card.onExecuteAction;
        };
      },
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { nodes: [], links: [], error: text, listen: () => () => undefined };
  }
}

/** Teams sends the inputs that the action gathers, by their ids; an empty optional one is sent as "". */
export function submissionOf(action: SubmitAction | ExecuteAction): CardSubmission {
  const inputs: Record<string, unknown> = {};
  const gathered = (action.getReferencedInputs() ?? {}) as Record<string, Input>;
  for (const input of Object.values(gathered)) {
    if (input.id !== undefined) inputs[input.id] = (input.value as unknown) ?? "";
  }
  const root = action.getRootObject();
  const actions = root instanceof AdaptiveCard ? root.getAllActions() : [];
  const verb = verbOf(action);
  const shared = actions.filter((each) => verbOf(each) === verb).length > 1;
  // Buttons that do the same to different things share a verb.
  const name = (shared ? [action.title, verb] : [verb, action.title]).find(
    (one) => one !== undefined && one !== "",
  );
  return name === undefined ? { inputs } : { action: name, inputs };
}

function verbOf(action: Action): string | undefined {
  return action instanceof ExecuteAction ? action.verb : undefined;
}

function linksOf(card: AdaptiveCard): CardLink[] {
  const links: CardLink[] = [];
  const count = card.getActionCount();
  const seen = new Set<Action>();
  const add = (action: Action | undefined) => {
    if (!(action instanceof OpenUrlAction) || seen.has(action)) return;
    seen.add(action);
    const url = safeUrl(action.url);
    if (url !== null) links.push({ title: action.title ?? "", url });
  };
  for (let index = 0; index < count; index += 1) add(card.getActionAt(index));
  for (const action of card.getAllActions()) add(action);
  return links;
}

function safeUrl(url: string | undefined): string | null {
  return url !== undefined && /^(https?|mailto):/i.test(url) ? url : null;
}
