import { Field, makeStyles, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { ApiError } from "../../api/error";
import type { BulkResult, WrongAddress } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { invalidWords } from "../../ui/invalidWords";
import { useSession } from "../../ui/Session";
import { parseAddresses } from "../../words/addresses";
import { RowProblems } from "./RowProblems";

const useStyles = makeStyles({
  area: { "& textarea": { minHeight: "10rem" } },
});

export interface Addresses {
  text: string;
  setText: (text: string) => void;
  some: boolean;
  /** What Herald would not add, of the text as it stands. */
  wrong: WrongAddress[];
  /** Adds them to a list. When some are wrong nobody is added, and the next time the others are. */
  add: (list: string) => Promise<BulkResult>;
}

export function useAddresses(): Addresses {
  const { api } = useSession();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<WrongAddress[]>([]);
  const { valid } = parseAddresses(text);
  return {
    text,
    setText: (changed) => {
      setText(changed);
      setWrong([]);
    },
    some: valid.length > 0,
    wrong,
    add: async (list) => {
      const result = await api.addAddresses(list, valid, wrong.length > 0);
      if (result.wrong.length > 0 && wrong.length === 0) {
        setWrong(result.wrong);
        throw new ApiError(422, { code: "wrong_addresses" });
      }
      return result;
    },
  };
}

/** Addresses as people type and paste them, with what is wrong about them below. */
export function AddressesField({ addresses: { text, setText, wrong } }: { addresses: Addresses }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { invalid, duplicates } = parseAddresses(text);
  const left = invalidWords(invalid, t);
  return (
    <>
      <Field
        label={t("aud.addresses")}
        required
        hint={
          <>
            {t("aud.addresses.hint")} {duplicates > 0 && t("aud.duplicates", { n: duplicates })}
          </>
        }
        validationMessage={left}
        validationState={left ? "warning" : "none"}
      >
        <Textarea
          className={styles.area}
          value={text}
          resize="vertical"
          spellCheck={false}
          onChange={(_, data) => {
            setText(data.value);
          }}
        />
      </Field>
      {wrong.length > 0 && <RowProblems problems={wrong} total={wrong.length} />}
    </>
  );
}
