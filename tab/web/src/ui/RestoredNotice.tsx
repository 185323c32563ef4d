import "../i18n/pages";
import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { Me } from "../api/types";
import { useLanguage } from "../i18n/Language";
import { dateAndTime } from "../words/moments";

const key = "herald.restored";

/** Herald came out of a backup: said on the first page until the reader has seen it. */
export default function RestoredNotice({ restored }: { restored: NonNullable<Me["restored"]> }) {
  const { t, locale } = useLanguage();
  const [seen, setSeen] = useState(() => localStorage.getItem(key) === restored.at);
  if (seen) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          {t("restored.title", { n: restored.stopped, time: dateAndTime(Date.parse(restored.at), locale) })}
        </MessageBarTitle>{" "}
        {t("restored.text")}
      </MessageBarBody>
      <MessageBarActions
        containerAction={
          <Button
            appearance="transparent"
            icon={<DismissRegular />}
            aria-label={t("restored.dismiss")}
            onClick={() => {
              localStorage.setItem(key, restored.at);
              setSeen(true);
            }}
          />
        }
      />
    </MessageBar>
  );
}
