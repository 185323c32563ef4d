import {
  Body1,
  Button,
  makeStyles,
  mergeClasses,
  Spinner,
  Subtitle2,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  PersonQuestionMarkRegular,
  PlugDisconnectedRegular,
} from "@fluentui/react-icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { personFor } from "../api/queries";
import type { BotAddress, Environment, PeoplePage } from "../api/types";
import { AppMark } from "../shell/AppMark";
import { Face } from "../shell/Face";
import { layout, narrow } from "../shell/layout";
import type { Settings } from "../shell/settings";
import { useWords } from "../words";
import { TabFrame } from "./TabFrame";

const useStyles = makeStyles({
  pane: {
    flexGrow: 1,
    flexShrink: 1,
    flexBasis: 0,
    minWidth: layout.tabMin,
    display: "flex",
    flexDirection: "column",
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { minWidth: 0 },
  },
  hidden: { display: "none" },
  head: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    paddingLeft: tokens.spacingHorizontalL,
    paddingRight: tokens.spacingHorizontalS,
    minHeight: layout.titleHeight,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  name: { margin: 0 },
  mark: { color: tokens.colorBrandForeground1, display: "flex" },
  section: {
    alignSelf: "stretch",
    display: "flex",
    alignItems: "center",
    color: tokens.colorBrandForeground1,
    borderBottom: `${tokens.strokeWidthThicker} solid ${tokens.colorCompoundBrandStroke}`,
    fontWeight: tokens.fontWeightSemibold,
  },
  who: { color: tokens.colorNeutralForeground3, marginLeft: "auto" },
  wait: { flexGrow: 1 },
});

interface TabPaneProps {
  hidden: boolean;
  settings: Settings;
  bot: UseQueryResult<BotAddress>;
  environment: UseQueryResult<Environment>;
  people: UseQueryResult<PeoplePage>;
  onSubEntity: (subEntityId: string) => void;
}

/** Herald's place in Teams: the app's header and the tab's frame, or why there is none. */
export function TabPane(props: TabPaneProps) {
  const styles = useStyles();
  const words = useWords();
  const { settings, bot, environment, people } = props;
  const [reloads, setReloads] = useState(0);
  const person = personFor(settings.persona, people.data?.items ?? []);
  const retry = () => {
    for (const query of [bot, environment, people]) if (query.isError) void query.refetch();
    setReloads(reloads + 1);
  };

  let content: ReactNode;
  const error = bot.error ?? environment.error ?? people.error;
  if (bot.data !== undefined && environment.data !== undefined && people.data !== undefined) {
    if (!URL.canParse(bot.data.tabUrl)) {
      content = (
        <Face
          icon={<PlugDisconnectedRegular />}
          title={words.noTabAddress}
          onRetry={() => void bot.refetch()}
        />
      );
    } else if (person === undefined) {
      content = (
        <Face icon={<PersonQuestionMarkRegular />} title={words.tabNoPerson} text={words.tabNoPersonHint} />
      );
    } else {
      content = (
        <TabFrame
          // A new person, language or place is a new tab: Teams loads it again for each of them too.
          key={[person.upn, settings.language, settings.subEntityId, bot.data.tabUrl, reloads].join("|")}
          tabUrl={bot.data.tabUrl}
          person={person}
          tenantId={environment.data.tenantId}
          appId={environment.data.appId}
          theme={settings.theme}
          subEntityId={settings.subEntityId}
          onSubEntity={props.onSubEntity}
          onRetry={retry}
        />
      );
    }
  } else if (error !== null) {
    content = (
      <Face
        icon={<PlugDisconnectedRegular />}
        title={words.disconnected}
        text={error.message}
        onRetry={retry}
      />
    );
  } else {
    content = <Spinner className={styles.wait} label={words.loading} labelPosition="below" />;
  }

  const icon =
    bot.data !== undefined && URL.canParse(bot.data.tabUrl)
      ? new URL("/assets/icon-color.png", bot.data.tabUrl).href
      : undefined;
  return (
    <section className={mergeClasses(styles.pane, props.hidden && styles.hidden)} aria-label={words.tabTitle}>
      <div className={styles.head}>
        <span className={styles.mark}>
          <AppMark src={icon} />
        </span>
        <Subtitle2 as="h2" className={styles.name}>
          {words.bot}
        </Subtitle2>
        <span className={styles.section}>{words.tabHeading}</span>
        <Body1 className={styles.who} truncate wrap={false}>
          {person !== undefined && words.personaNow(words.persona[settings.persona], person.displayName)}
        </Body1>
        <Tooltip content={words.tabReload} relationship="label">
          <Button appearance="subtle" icon={<ArrowClockwiseRegular />} onClick={retry} />
        </Tooltip>
      </div>
      {content}
    </section>
  );
}
