import { Body1, Button, Field, Input, makeStyles, Spinner, Subtitle2, tokens } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/error";
import { useLanguage } from "../../i18n/Language";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { Why } from "../../ui/Why";
import { stepOf } from "./fields";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  quiet: { color: tokens.colorNeutralForeground3 },
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "flex-end" },
  field: { flexGrow: 1, minWidth: "14rem", maxWidth: "26rem" },
});

/** TRY: is there such a person, has that person the app? Only a yes to both lets the test go. */
export function TryBox() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const { draft, campaign } = useDraft();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const verify = useMutation({ mutationFn: (address: string) => api.verify(address) });
  const send = useMutation({
    mutationFn: async (address: string) => {
      // What is tried is what stands here, or nothing.
      if (!(await draft.flush())) throw new ApiError(0, { code: "not_saved" });
      return api.tryOn(campaign.id, address);
    },
    onSuccess: () => void client.invalidateQueries({ queryKey: ["campaigns"] }),
  });
  const address = email.trim();
  const checked = verify.data && verify.variables === address ? verify.data : null;
  const good = checked?.found === true && checked.installed;
  // Of an unknown variable the tester sees the name, or hears that there is no value.
  const incomplete = (campaign.problems ?? []).some(
    (each) => stepOf(each.field) === "message" && each.field !== "/name" && each.code !== "unknown_variable",
  );
  const why = me.can.write
    ? !good
      ? t("review.try.first")
      : incomplete
        ? t("review.try.incomplete")
        : null
    : t("app.readonly");
  const name = checked?.displayName || address;

  let message: string | null = null;
  let state: "none" | "success" | "warning" | "error" = "none";
  if (send.isSuccess && send.variables === address) {
    message = t("review.try.sent", { name: send.data.recipient.displayName || name });
    state = "success";
  } else if (send.isError && send.variables === address) {
    message = explain(send.error, t);
    state = "error";
  } else if (verify.isError && verify.variables === address) {
    message = explain(verify.error, t);
    state = "error";
  } else if (checked) {
    message = good
      ? t("review.try.found", { name })
      : checked.found
        ? t("review.try.noapp", { name })
        : t("review.try.unknown");
    state = good ? "success" : "warning";
  }

  return (
    <section className={styles.box}>
      <div>
        <Subtitle2 as="h3">{t("review.try")}</Subtitle2>
        <Body1 block className={styles.quiet}>
          {t("review.try.text")}
        </Body1>
      </div>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (address === "" || verify.isPending) return;
          send.reset();
          verify.mutate(address);
        }}
      >
        <Field validationMessage={message} validationState={state} label={t("review.try.address")}>
          {(control) => (
            <div className={styles.row}>
              <Input
                {...control}
                className={styles.field}
                type="email"
                value={email}
                onChange={(_, data) => {
                  setEmail(data.value);
                }}
              />
              <Button
                type="submit"
                disabledFocusable={address === "" || verify.isPending}
                icon={verify.isPending ? <Spinner size="tiny" /> : undefined}
              >
                {t("review.try.verify")}
              </Button>
              <Why reason={why}>
                <Button
                  disabledFocusable={why !== null || send.isPending}
                  icon={send.isPending ? <Spinner size="tiny" /> : undefined}
                  onClick={() => {
                    if (why === null && !send.isPending) send.mutate(address);
                  }}
                >
                  {t("review.try.send")}
                </Button>
              </Why>
            </div>
          )}
        </Field>
      </form>
    </section>
  );
}
