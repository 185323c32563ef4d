import { Field, Skeleton, SkeletonItem } from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import { useLanguage } from "../../i18n/Language";
import { explainProblem } from "../../ui/errors";
import { useSurveyDraft, useSurveyProblem } from "./useSurveyDraft";

const RichText = lazy(() => import("../../content/RichText"));

interface Props {
  field: "/intro" | "/thanks";
  label: string;
  hint: string;
  placeholder: string;
  value: string;
  max: number;
  onFocus: () => void;
  onChange: (text: string) => void;
}

/** A text with formatting and variables, written as that of a campaign is. */
export function RichField({ field, label, hint, placeholder, value, max, onFocus, onChange }: Props) {
  const { t } = useLanguage();
  const problem = useSurveyProblem();
  const { problems } = useSurveyDraft();
  const unknown = problems.filter((each) => each.code === "unknown_variable" && each.field === field);
  return (
    <Field label={label} hint={hint} onFocus={onFocus} {...problem(field)}>
      {() => (
        <Suspense
          fallback={
            <Skeleton>
              <SkeletonItem size={128} />
            </Skeleton>
          }
        >
          <RichText
            initial={value}
            label={label}
            placeholder={placeholder}
            max={max}
            unknown={Object.fromEntries(unknown.map((each) => [each.value ?? "", explainProblem(each, t)]))}
            onChange={onChange}
          />
        </Suspense>
      )}
    </Field>
  );
}
