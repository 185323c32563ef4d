import { FluentProvider, makeStyles, tokens } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Api } from "./api/client";
import { connection } from "./api/connection";
import { isTransient, toApiError } from "./api/error";
import { LanguageProvider } from "./i18n/Language";
import { languageOf, loadLanguage, usableLocale } from "./i18n/translate";
import { BrokenPage, StartProblemPage } from "./pages/StartPages";
import { navigate } from "./router";
import { Pages } from "./routes";
import { connect, notifyReady, type Session, StartError, teamsTokens, theme, tokenErrorOf } from "./teams/host";
import { themeOf } from "./themes";
import { Loading } from "./ui/Faces";
import { Notices } from "./ui/Notices";
import { refreshAll } from "./ui/refreshAll";
import { SessionContext } from "./ui/Session";

const NoRolePage = lazy(() => import("./pages/NoRolePage"));
// Loaded as soon as the page is of use: when it is needed, there is nowhere to load it from.
const loadLost = () => import("./ui/ConnectionLost");
const ConnectionLost = lazy(loadLost);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && !tokenErrorOf(error) && isTransient(toApiError(error)),
      retryDelay: (attempt) => 500 * 2 ** attempt,
      staleTime: 5_000,
    },
  },
});

const useStyles = makeStyles({
  root: { minHeight: "100vh", backgroundColor: tokens.colorNeutralBackground2, color: tokens.colorNeutralForeground1 },
});

/** The page's frame: Teams' theme and language around whatever is shown. */
export function App() {
  const styles = useStyles();
  const name = useSyncExternalStore(theme.subscribe, theme.snapshot);
  const { colorNeutralBackground2 } = themeOf(name);
  useEffect(() => {
    // The browser's own canvas, seen when the page is pulled beyond its end, is outside of Fluent's provider.
    document.documentElement.style.setProperty("--page", colorNeutralBackground2);
  }, [colorNeutralBackground2]);
  return (
    <FluentProvider theme={themeOf(name)}>
      {/* Not on the provider: its classes go to dialogs and tooltips too. */}
      <div className={styles.root}>
        <QueryClientProvider client={client}>
          <Start />
        </QueryClientProvider>
      </div>
    </FluentProvider>
  );
}

/** Asks Teams who is there; until then nothing can be shown but a spinner, and when it fails, why. */
function Start() {
  const start = useQuery({ queryKey: ["start"], queryFn: connect, staleTime: Number.POSITIVE_INFINITY, retry: false });
  const locale = start.data?.locale ?? usableLocale(navigator.language);
  const language = languageOf(locale);
  const words = useQuery({
    queryKey: ["language", language],
    queryFn: async () => {
      await loadLanguage(language);
      return language;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const problem = start.error instanceof StartError ? start.error.problem : "outside";
  if (words.isPending) return <Loading />;
  return (
    <LanguageProvider locale={locale}>
      {start.data ? (
        <SignedIn session={start.data} />
      ) : start.isError && !start.isFetching ? (
        <StartProblemPage problem={problem} onRetry={() => void start.refetch()} />
      ) : (
        <Loading />
      )}
    </LanguageProvider>
  );
}

function SignedIn({ session }: { session: Session }) {
  const [tokens] = useState(() => teamsTokens());
  const [api] = useState(() => new Api(tokens));
  const signIn = useSyncExternalStore(tokens.subscribe, tokens.problem);
  const state = useSyncExternalStore(connection.subscribe, connection.snapshot);
  const client = useQueryClient();
  const [opened] = useState(() => openDeepLink(session.deepLink));
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => api.me(signal), staleTime: 300_000 });
  const settled = me.isSuccess || me.isError;
  useEffect(() => {
    if (settled) notifyReady();
    if (settled) void loadLost();
  }, [settled]);
  const ask = () => {
    // What keeps failing is in the store, and shown from there.
    tokens.signIn().then(
      () => refreshAll(client),
      () => undefined,
    );
  };

  if (me.data) {
    if (!me.data.can.read) {
      return (
        <Suspense fallback={<Loading />}>
          <NoRolePage me={me.data} />
        </Suspense>
      );
    }
    return (
      <SessionContext value={{ api, me: me.data, config: session.config }}>
        <Notices>
          {signIn && <StartProblemPage problem={signIn.problem} detail={signIn.message} onRetry={ask} />}
          {/* What was open stays as it is, with everything written in it. */}
          <div hidden={signIn !== null}>
            {state === "lost" && (
              <Suspense fallback={null}>
                <ConnectionLost />
              </Suspense>
            )}
            {opened && <Pages />}
          </div>
        </Notices>
      </SessionContext>
    );
  }
  if (signIn) return <StartProblemPage problem={signIn.problem} detail={signIn.message} onRetry={ask} />;
  if (me.isError && !me.isFetching) {
    const retry = () => void me.refetch();
    if (isTransient(toApiError(me.error))) return <StartProblemPage problem="down" onRetry={retry} />;
    return <BrokenPage error={me.error} onRetry={retry} />;
  }
  return <Loading />;
}

/** A link into Herald opens its page, unless the frame was loaded again somewhere else. */
function openDeepLink(path: string | null): true {
  if (path && location.pathname.replace(/\/$/, "") === "/tab") navigate(path, { replace: true });
  return true;
}
