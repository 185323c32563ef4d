import { Caption1, Link, makeStyles, tokens } from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { useSession } from "../../ui/Session";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground3 } });

/** Some of the audience do not have the app: an Admin can change that, others know who can. */
export function InstallHint() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { me } = useSession();
  const { campaign } = useDraft();
  const { count, counting } = useAudienceCount();
  if (!count || counting || count.notInstalled === 0) return null;
  if (!me.can.admin) return <Caption1 className={styles.quiet}>{t("install.hint.others")}</Caption1>;
  return (
    <div>
      <Link
        as="button"
        onClick={() => {
          navigate(`/admin/install?campaign=${encodeURIComponent(campaign.id)}`);
        }}
      >
        {t("install.hint")}
      </Link>
    </div>
  );
}
