import { Button, Field, makeStyles, Textarea, Tooltip, tokens } from "@fluentui/react-components";
import { SendFilled, SendRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { cloud } from "../api/cloud";
import type { Person } from "../api/types";
import { layout } from "../shell/layout";
import { useWords } from "../words";

const useStyles = makeStyles({
  form: {
    display: "flex",
    alignItems: "flex-end",
    gap: tokens.spacingHorizontalXS,
    padding: tokens.spacingHorizontalM,
    paddingTop: tokens.spacingVerticalS,
  },
  text: { minHeight: layout.composeHeight, height: layout.composeHeight },
  field: { flexGrow: 1, minWidth: 0 },
});

/** Where the person writes to Herald. Enter sends, Shift+Enter breaks the line, as in Teams. */
export function ComposeBox({ person }: { person: Person }) {
  const styles = useStyles();
  const words = useWords();
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: (words: string) => cloud.write(person.id, words),
    // What was written meanwhile is the next message.
    onSuccess: (_, sent) =>
      setText((now) =>
        now.trimStart().startsWith(sent) ? now.trimStart().slice(sent.length).trimStart() : now,
      ),
  });
  const message = text.trim();
  const why = person.installed ? words.sendHint : words.mustInstall;
  const can = message !== "" && person.installed && !send.isPending;
  const submit = () => {
    if (can) send.mutate(message);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        className={styles.field}
        validationState={send.isError ? "error" : "none"}
        validationMessage={send.isError ? `${words.sendFailed}: ${send.error.message}` : undefined}
      >
        <Textarea
          aria-label={words.compose(person.displayName)}
          placeholder={person.installed ? words.composePlaceholder : words.mustInstall}
          textarea={{ className: styles.text, rows: 1 }}
          resize="vertical"
          value={text}
          disabled={!person.installed}
          onChange={(_, data) => setText(data.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
      </Field>
      <Tooltip
        content={can || send.isPending ? words.send : why}
        relationship={can ? "label" : "description"}
      >
        <Button
          type="submit"
          appearance="transparent"
          icon={can ? <SendFilled /> : <SendRegular />}
          disabledFocusable={!can}
          aria-label={words.send}
        />
      </Tooltip>
    </form>
  );
}
