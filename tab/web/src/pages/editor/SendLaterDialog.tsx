import { Text } from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { useNow, useSession } from "../../ui/Session";
import { now as serverNow } from "../../words/clock";
import { checkLater, parseTime, suggestion } from "../../words/sendLater";
import { MomentPicker } from "./MomentPicker";

interface Props {
  /** How many people it is for. */
  people: ReactNode;
  onClose: () => void;
  onSend: (at: number) => Promise<() => void>;
}

/** SEND LATER, chosen at the very end. */
export default function SendLaterDialog({ people, onClose, onSend }: Props) {
  const { t } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const [at, setAt] = useState(() => suggestion(serverNow()));
  const [typed, setTyped] = useState<string>();
  const unreadable = typed !== undefined && parseTime(typed) === null;
  return (
    <ConfirmDialog
      title={t("later.title")}
      confirm={t("later.do")}
      disabled={unreadable || checkLater(at, now, config.sendLaterMaxHours) !== null}
      onClose={onClose}
      onConfirm={() => onSend(at)}
    >
      {people && <Text block>{people}</Text>}
      <MomentPicker
        at={at}
        typed={typed}
        onChange={(moment, text) => {
          setAt(moment);
          setTyped(text);
        }}
      />
    </ConfirmDialog>
  );
}
