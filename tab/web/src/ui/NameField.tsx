import { Field, Input } from "@fluentui/react-components";
import type { Translate } from "../i18n/translate";

export const maxName = 120;

/** What is wrong with a name, in words, or null. */
export function nameProblem(name: string, t: Translate, required = t("name.required")): string | null {
  const length = [...name.trim()].length;
  if (length === 0) return required;
  if (length > maxName) return t("name.long", { n: length - maxName });
  return null;
}

interface Props {
  label: string;
  hint?: string;
  placeholder?: string;
  value: string;
  problem: string | null;
  onChange: (value: string) => void;
}

export function NameField({ label, hint, placeholder, value, problem, onChange }: Props) {
  return (
    <Field label={label} hint={hint} required validationMessage={problem} validationState={problem ? "error" : "none"}>
      <Input
        value={value}
        placeholder={placeholder}
        onChange={(_, data) => {
          onChange(data.value);
        }}
      />
    </Field>
  );
}
