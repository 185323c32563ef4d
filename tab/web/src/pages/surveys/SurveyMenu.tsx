import { MenuDivider } from "@fluentui/react-components";
import {
  CopyRegular,
  DataBarVerticalRegular,
  DeleteRegular,
  EditRegular,
  LockClosedRegular,
  LockOpenRegular,
  SendRegular,
} from "@fluentui/react-icons";
import type { Survey } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { MoreMenu } from "../../ui/MoreMenu";
import { useSession } from "../../ui/Session";
import { WhyItem } from "../../ui/WhyItem";

export type SurveyAction = "clone" | "close" | "reopen" | "campaign" | "delete";

interface Props {
  survey: Survey;
  /** On its own pages: where the menu does not lead. */
  here?: "builder" | "results";
  onAction: (action: SurveyAction) => void;
}

/** What can be done with a survey as a whole. */
export function SurveyMenu({ survey, here, onAction }: Props) {
  const { t } = useLanguage();
  const { me } = useSession();
  const readOnly = me.can.write ? null : t("survey.readonly");
  const blocking = survey.problems.some(({ code }) => code !== "question_unreachable");
  const closed = survey.status === "closed";
  const ask = (action: SurveyAction) => () => {
    onAction(action);
  };
  return (
    <MoreMenu name={survey.name}>
      {here !== "builder" && (
        <WhyItem icon={<EditRegular />} why={readOnly} onClick={() => navigate(`/surveys/${survey.id}`)}>
          {t("home.menu.edit")}
        </WhyItem>
      )}
      {here !== "results" && (
        <WhyItem
          icon={<DataBarVerticalRegular />}
          why={survey.sent > 0 ? null : t("survey.why.results")}
          onClick={() => navigate(`/surveys/${survey.id}/results`)}
        >
          {t("survey.menu.results")}
        </WhyItem>
      )}
      <WhyItem
        icon={<SendRegular />}
        why={readOnly ?? (closed ? t("survey.why.closed") : blocking ? t("survey.why.incomplete") : null)}
        onClick={ask("campaign")}
      >
        {t("survey.menu.campaign")}
      </WhyItem>
      <MenuDivider />
      {closed ? (
        <WhyItem icon={<LockOpenRegular />} why={readOnly} onClick={ask("reopen")}>
          {t("survey.menu.reopen")}
        </WhyItem>
      ) : (
        <WhyItem
          icon={<LockClosedRegular />}
          why={readOnly ?? (survey.status === "draft" ? t("survey.why.notsent") : null)}
          onClick={ask("close")}
        >
          {t("survey.menu.close")}
        </WhyItem>
      )}
      <WhyItem icon={<CopyRegular />} why={readOnly} onClick={ask("clone")}>
        {t("home.menu.clone")}
      </WhyItem>
      <WhyItem icon={<DeleteRegular />} why={readOnly} onClick={ask("delete")}>
        {t("home.menu.delete")}
      </WhyItem>
    </MoreMenu>
  );
}
