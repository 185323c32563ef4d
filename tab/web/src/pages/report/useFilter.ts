import type { RecipientFilter } from "../../api/client";
import { useSearch } from "../../router";

/** Whom the report shows below. It stands in the address, so that going back and loading again keep it. */
export function useFilter(): [RecipientFilter, (next: RecipientFilter, options?: { replace?: boolean }) => void] {
  const [parameters, setParameters] = useSearch();
  const names = ["status", "reason", "q"] as const;
  const filter = { status: "", reason: "", q: "" };
  for (const name of names) filter[name] = parameters.get(name) ?? "";
  return [
    filter,
    (next, options) => {
      // What else stands in the address, such as the information that was opened meanwhile, stays.
      const others = [...parameters].filter(([name]) => !names.some((each) => each === name));
      const given = names.flatMap((name) => (next[name] === "" ? [] : [[name, next[name]] as const]));
      setParameters(Object.fromEntries([...others, ...given]), options);
    },
  ];
}
