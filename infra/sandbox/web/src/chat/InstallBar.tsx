import {
  Button,
  Field,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  ProgressBar,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { cloud } from "../api/cloud";
import { useFormat, useWords } from "../words";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    paddingLeft: tokens.spacingHorizontalM,
    paddingRight: tokens.spacingHorizontalM,
    paddingBottom: tokens.spacingVerticalS,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

/** Gives many people Herald at once, as an admin's setup policy would. */
export function InstallBar(props: { nobodyYet: boolean; total: number; installed: number | undefined }) {
  const styles = useStyles();
  const words = useWords();
  const format = useFormat();
  const client = useQueryClient();
  const install = useMutation({
    mutationFn: (who: { all: true } | { count: number }) => cloud.installMany(who),
    onSettled: () => void client.invalidateQueries({ queryKey: ["people"] }),
  });
  const asked = install.variables;
  const target = asked !== undefined && "count" in asked ? Math.min(asked.count, props.total) : props.total;
  const failed = install.data?.failed ?? 0;
  return (
    <div className={styles.bar}>
      {props.nobodyYet && install.isIdle && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{words.nobodyYet}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.buttons}>
        <Button
          size="small"
          appearance={props.nobodyYet ? "primary" : "secondary"}
          disabledFocusable={install.isPending}
          onClick={() => install.mutate({ count: 20 })}
        >
          {words.installFew}
        </Button>
        <Button
          size="small"
          disabledFocusable={install.isPending}
          onClick={() => install.mutate({ all: true })}
        >
          {words.installAll}
        </Button>
      </div>
      {install.isPending && <Running installed={props.installed} target={target} />}
      {install.isSuccess && typeof install.data?.installed === "number" && (
        <MessageBar intent="success">
          <MessageBarBody>
            {words.installedCount(format.number(install.data.installed), format.number(props.total))}
          </MessageBarBody>
          <MessageBarActions
            containerAction={
              <Button
                appearance="transparent"
                icon={<DismissRegular />}
                aria-label={words.dismiss}
                onClick={() => install.reset()}
              />
            }
          />
        </MessageBar>
      )}
      {install.isSuccess && failed > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{words.installSomeFailed(format.number(failed))}</MessageBarTitle>
            {install.data?.errors?.[0]}
          </MessageBarBody>
        </MessageBar>
      )}
      {install.isError && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{words.installFailed}</MessageBarTitle>
            {install.error.message}
          </MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}

/** How far it is, where the sandbox counts; else only how long it has taken. */
function Running(props: { installed: number | undefined; target: number }) {
  const words = useWords();
  const format = useFormat();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const { installed, target } = props;
  const counted = installed !== undefined && target > 0;
  const text = counted
    ? words.installingCount(format.number(Math.min(installed, target)), format.number(target))
    : words.installing(seconds);
  return (
    <Field validationMessage={text} validationState="none">
      <ProgressBar value={counted ? installed / target : undefined} />
    </Field>
  );
}
