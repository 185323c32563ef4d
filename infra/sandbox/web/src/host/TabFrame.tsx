import { makeStyles, mergeClasses, Spinner, tokens } from "@fluentui/react-components";
import { PlugDisconnectedRegular } from "@fluentui/react-icons";
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { cloud } from "../api/cloud";
import type { Person } from "../api/types";
import { Face } from "../shell/Face";
import { locales, useLanguage, useWords } from "../words";
import type { LegacyContext, TeamsTheme } from "./protocol";
import { subEntityOfDeepLink, TeamsHost, type TabState } from "./TeamsHost";

/** How long a tab may stay silent before Teams would say that it did not load. */
const PATIENCE_MS = 20_000;

const useStyles = makeStyles({
  place: { flexGrow: 1, position: "relative", minHeight: 0, display: "flex" },
  frame: { flexGrow: 1, width: "100%", border: "none", colorScheme: "normal" },
  cover: {
    position: "absolute",
    inset: 0,
    display: "flex",
    alignItems: "center",
    justifyContent: "center",
    backgroundColor: tokens.colorNeutralBackground2,
  },
  gone: { visibility: "hidden" },
});

interface TabFrameProps {
  tabUrl: string;
  person: Person;
  tenantId: string;
  appId: string;
  theme: TeamsTheme;
  subEntityId: string;
  onSubEntity: (subEntityId: string) => void;
  onRetry: () => void;
}

/** The tab in its frame, with Teams at the other end of the line. Remount it for another person. */
export function TabFrame(props: TabFrameProps) {
  const styles = useStyles();
  const words = useWords();
  const language = useLanguage();
  const session = useId();
  const frame = useRef<HTMLIFrameElement>(null);
  const host = useRef<TeamsHost>(null);
  const [state, setState] = useState<TabState>({ kind: "silent" });
  const [late, setLate] = useState(false);

  const context = useEffectEvent(
    (): LegacyContext => ({
      theme: props.theme,
      locale: locales[language],
      entityId: "campaigns",
      ...(props.subEntityId === "" ? {} : { subEntityId: props.subEntityId }),
      tid: props.tenantId,
      userObjectId: props.person.id,
      userPrincipalName: props.person.upn,
      loginHint: props.person.upn,
      userDisplayName: props.person.displayName,
      appId: props.appId,
      hostName: "Teams",
      hostClientType: "web",
      frameContext: "content",
      sessionId: session,
      appSessionId: session,
      ringId: "general",
      isFullScreen: false,
    }),
  );
  const authToken = useEffectEvent(
    async (silent: boolean) => (await cloud.token(props.person.upn, !silent)).token,
  );
  const openLink = useEffectEvent((url: string) => {
    const subEntityId = subEntityOfDeepLink(url);
    if (subEntityId === null) window.open(url, "_blank", "noopener,noreferrer");
    else props.onSubEntity(subEntityId);
  });

  // Before the browser does anything else: TeamsJS says "initialize" exactly once.
  useLayoutEffect(() => {
    const talk = new TeamsHost({
      frame: () => frame.current?.contentWindow ?? null,
      origin: new URL(props.tabUrl).origin,
      context: () => context(),
      authToken: (silent) => authToken(silent),
      openLink: (url) => openLink(url),
      onState: setState,
    });
    host.current = talk;
    const stop = talk.start();
    return () => {
      host.current = null;
      stop();
    };
  }, [props.tabUrl]);

  useEffect(() => {
    host.current?.changeTheme(props.theme);
  }, [props.theme]);

  const settled = state.kind === "ready" || state.kind === "failed";
  useEffect(() => {
    if (settled) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [settled]);

  const failed = state.kind === "failed" || (late && !settled);
  return (
    <div className={styles.place}>
      <iframe
        ref={frame}
        className={mergeClasses(styles.frame, failed && styles.gone)}
        title={words.tabTitle}
        src={props.tabUrl}
        // As Teams frames its tabs. Scripts and same-origin together are safe: the tab is on another origin.
        sandbox="allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock"
        allow="clipboard-read; clipboard-write; fullscreen; geolocation; microphone; camera; display-capture; autoplay"
      />
      {!settled && !late && (
        <div className={styles.cover}>
          <Spinner label={words.tabLoading(props.person.displayName)} labelPosition="below" />
        </div>
      )}
      {failed && (
        <div className={styles.cover}>
          <Face
            icon={<PlugDisconnectedRegular />}
            title={words.tabFailed}
            text={
              state.kind === "failed" ? words.tabFailedReason(state.reason) : words.tabSilent(props.tabUrl)
            }
            onRetry={props.onRetry}
          />
        </div>
      )}
    </div>
  );
}
