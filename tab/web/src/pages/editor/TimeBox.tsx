import { Combobox, type ComboboxProps, makeStyles, Option } from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { clockTime } from "../../words/moments";

const useStyles = makeStyles({ list: { maxHeight: "15rem" } });

interface Props extends Omit<ComboboxProps, "value" | "onChange" | "children"> {
  /** As it stands there, readable or not. */
  value: string;
  onChange: (text: string) => void;
}

/** A time of day, typed as people write it or chosen from the half hours. */
export function TimeBox({ value, onChange, ...field }: Props) {
  const styles = useStyles();
  const { locale } = useLanguage();
  return (
    <Combobox
      {...field}
      freeform
      value={value}
      selectedOptions={[value]}
      listbox={{ className: styles.list }}
      onChange={(event) => {
        onChange(event.target.value);
      }}
      onOptionSelect={(event, data) => {
        // Typing something else deselects, and Tab means to go on with what was typed: neither is a choice.
        const going = "key" in event && event.key === "Tab";
        if (data.optionText && !going) onChange(data.optionText);
      }}
    >
      {halfHours.map((minutes) => {
        const text = clockTime(Date.UTC(2026, 0, 1, 0, minutes), locale, "UTC");
        return <Option key={minutes}>{text}</Option>;
      })}
    </Combobox>
  );
}

const halfHours = Array.from({ length: 48 }, (_, index) => index * 30);
