import { FluentProvider, makeStyles, tokens } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";
import { Api } from "./api/client";
import { isTransient, toApiError } from "./api/error";
import { LanguageProvider } from "./i18n/Language";
import { languageOf, usableLocale } from "./i18n/translate";
import { BrokenPage, NoRolePage, StartProblemPage } from "./pages/StartPages";
import { routes } from "./routes";
import { connect, notifyReady, type Session, StartError, teamsTokens, theme, tokenErrorOf } from "./teams/host";
import { themeOf } from "./themes";
import { Loading } from "./ui/Faces";
import { Notices } from "./ui/Notices";
import { SessionContext } from "./ui/Session";

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
  return (
    <FluentProvider theme={themeOf(name)} className={styles.root}>
      <QueryClientProvider client={client}>
        <Start />
      </QueryClientProvider>
    </FluentProvider>
  );
}

/** Asks Teams who is there; until then nothing can be shown but a spinner, and when it fails, why. */
function Start() {
  const start = useQuery({ queryKey: ["start"], queryFn: connect, staleTime: Number.POSITIVE_INFINITY, retry: false });
  const locale = start.data?.locale ?? usableLocale(navigator.language);
  useEffect(() => {
    document.documentElement.lang = languageOf(locale);
  }, [locale]);
  const problem = start.error instanceof StartError ? start.error.problem : "outside";
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
  const [api] = useState(() => new Api(teamsTokens()));
  const [router] = useState(() => {
    if (session.deepLink && location.pathname.replace(/\/$/, "") === "/tab") {
      history.replaceState(null, "", `/tab${session.deepLink}`);
    }
    return createBrowserRouter(routes, { basename: "/tab" });
  });
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => api.me(signal), staleTime: 300_000 });
  const settled = me.isSuccess || me.isError;
  useEffect(() => {
    if (settled) notifyReady();
  }, [settled]);

  if (me.data) {
    if (!me.data.can.read) return <NoRolePage me={me.data} />;
    return (
      <SessionContext value={{ api, me: me.data, config: session.config }}>
        <Notices>
          <RouterProvider router={router} />
        </Notices>
      </SessionContext>
    );
  }
  if (me.isError && !me.isFetching) {
    const token = tokenErrorOf(me.error);
    const retry = () => void me.refetch();
    if (token)
      return <StartProblemPage problem={token.consent ? "consent" : "token"} detail={token.message} onRetry={retry} />;
    if (isTransient(toApiError(me.error))) return <StartProblemPage problem="down" onRetry={retry} />;
    return <BrokenPage error={me.error} onRetry={retry} />;
  }
  return <Loading />;
}
