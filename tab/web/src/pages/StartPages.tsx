import { Button, Text } from "@fluentui/react-components";
import { KeyRegular, PeopleTeamRegular, PlugDisconnectedRegular, ShieldKeyholeRegular } from "@fluentui/react-icons";
import { useLanguage } from "../i18n/Language";
import type { SignInProblem, StartProblem } from "../teams/host";
import { Face, FailedFace } from "../ui/Faces";
import { pageTitle } from "../ui/PageTitle";

const icons = {
  outside: <PeopleTeamRegular />,
  silent: <PlugDisconnectedRegular />,
  down: <PlugDisconnectedRegular />,
  consent: <ShieldKeyholeRegular />,
  admin: <ShieldKeyholeRegular />,
  expired: <KeyRegular />,
  token: <KeyRegular />,
};

interface ProblemProps {
  problem: StartProblem | SignInProblem;
  detail?: string;
  onRetry: () => void;
}

/** The page could not start, or cannot go on: outside Teams, no answer, no consent, no token, no Herald. */
export function StartProblemPage({ problem, detail = "", onRetry }: ProblemProps) {
  const { t } = useLanguage();
  return (
    <main aria-labelledby={pageTitle}>
      <Face
        page
        icon={icons[problem]}
        title={t(`app.${problem}.title`)}
        actions={
          problem === "outside" ? null : (
            <Button appearance="primary" onClick={onRetry}>
              {t(problem === "consent" ? "app.consent.do" : problem === "expired" ? "app.expired.do" : "app.retry")}
            </Button>
          )
        }
      >
        <Text>{problem === "token" ? t("app.token.text", { detail }) : t(`app.${problem}.text`)}</Text>
      </Face>
    </main>
  );
}

export function BrokenPage({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useLanguage();
  return (
    <main aria-labelledby={pageTitle}>
      <FailedFace page title={t("app.token.title")} error={error} onRetry={onRetry} />
    </main>
  );
}

/** Something in the page itself threw. */
export function CrashPage() {
  const { t } = useLanguage();
  return (
    <main aria-labelledby={pageTitle}>
      <Face
        page
        alert
        icon={<PlugDisconnectedRegular />}
        title={t("app.broken.title")}
        actions={
          <Button
            appearance="primary"
            onClick={() => {
              location.reload();
            }}
          >
            {t("app.reload")}
          </Button>
        }
      >
        <Text>{t("app.broken.text")}</Text>
      </Face>
    </main>
  );
}
