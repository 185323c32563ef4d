import type { Format, Order, Sort, Status } from "../../api/types";
import { useSearch } from "../../router";

export const tabs = {
  drafts: ["draft"],
  scheduled: ["scheduled"],
  sending: ["sending"],
  completed: ["completed", "stopped", "failed"],
} as const satisfies Record<string, Status[]>;
export type TabName = keyof typeof tabs;
export const tabNames = Object.keys(tabs) as TabName[];

/** What the list shows and how; all of it stands in the address, so that back and reload keep it. */
export interface ListView {
  tab: TabName;
  q: string;
  formats: Format[];
  /** A person's id, "me" or empty. */
  author: string;
  sort: Sort;
  order: Order;
}

const formats: readonly Format[] = ["idea", "success", "important", "card", "message", "survey"];
const sorts: readonly Sort[] = ["updated", "name", "when"];

function oneOf<T extends string>(known: readonly T[], value: string | null): T | undefined {
  return known.find((each) => each === value);
}

/** A view of the list, and the way to another one: what is not said stays. */
export function useListView(): [ListView, (change: Partial<ListView>) => void] {
  const [parameters, setParameters] = useSearch();
  const wanted = parameters.get("format")?.split(",") ?? [];
  const view: ListView = {
    tab: oneOf(tabNames, parameters.get("tab")) ?? "drafts",
    q: parameters.get("q") ?? "",
    formats: formats.filter((each) => wanted.includes(each)),
    author: parameters.get("author") ?? "",
    sort: oneOf(sorts, parameters.get("sort")) ?? "updated",
    order: parameters.get("order") === "asc" ? "asc" : "desc",
  };
  return [
    view,
    (change) => {
      const { tab, q, formats: chosen, author, sort, order } = { ...view, ...change };
      const said = {
        tab: tab === "drafts" ? "" : tab,
        q,
        format: chosen.join(","),
        author,
        sort: sort === "updated" ? "" : sort,
        order: order === "desc" ? "" : order,
      };
      setParameters(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== "")), { replace: true });
    },
  ];
}

/** The next order of a column whose header is pressed: its own way first, then the other, then none of it. */
export function nextOrder({ sort, order }: ListView, column: "name" | "when"): Pick<ListView, "sort" | "order"> {
  const first = column === "name" ? "asc" : "desc";
  if (sort !== column) return { sort: column, order: first };
  if (order === first) return { sort: column, order: first === "asc" ? "desc" : "asc" };
  return { sort: "updated", order: "desc" };
}
