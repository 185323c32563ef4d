import type { ColumnRole, ImportColumn, ListColumn } from "../api/types";

/** The columns of lists: their names, and what the columns of a file become. */

const longest = 64;
/** Always there, from the list or the directory. */
const taken = new Set(["FIRSTNAME", "LASTNAME"]);

/** What a message writes in brackets for a column with this label: capitals, digits and underscores. */
export function columnName(label: string): string {
  return label
    .normalize("NFC")
    .toUpperCase()
    .replace(/[^\p{Lu}\p{N}]+/gu, "_")
    .replace(/^[^\p{Lu}]+|_+$/gu, "")
    .slice(0, longest);
}

/** The name for another column beside those, which have theirs already. */
export function freeName(label: string, others: readonly string[]): string {
  const wanted = columnName(label) || "COLUMN";
  let name = wanted;
  for (let n = 2; taken.has(name) || others.includes(name); n += 1) name = `${wanted}_${String(n)}`;
  return name;
}

export type NameProblem = "missing" | "shape" | "taken" | "twice";

export function columnNameProblem(name: string, others: readonly string[]): NameProblem | null {
  if (name === "") return "missing";
  if (!new RegExp(`^\\p{Lu}[\\p{Lu}\\p{N}_ ]{0,${String(longest - 1)}}$`, "u").test(name)) return "shape";
  if (taken.has(name)) return "taken";
  return others.includes(name) ? "twice" : null;
}

export interface MappingProblems {
  /** No column, or more than one, holds the addresses. */
  address: "none" | "many" | null;
  /** By the file's column. */
  columns: Map<number, NameProblem | "role">;
}

/** What must be put right before a file can be read with this mapping. */
export function mappingProblems(mapping: readonly ImportColumn[]): MappingProblems {
  const of = (role: ColumnRole) => mapping.filter((each) => each.role === role);
  const columns: MappingProblems["columns"] = new Map();
  for (const role of ["address", "firstName", "lastName"] as const) {
    const found = of(role);
    if (found.length > 1) for (const each of found) columns.set(each.index, "role");
  }
  const custom = of("custom");
  for (const each of custom) {
    const others = custom.filter((other) => other !== each).map((other) => other.name);
    const problem = columnNameProblem(each.name, others);
    if (problem) columns.set(each.index, problem);
  }
  const addresses = of("address").length;
  return { address: addresses === 0 ? "none" : addresses > 1 ? "many" : null, columns };
}

export function isMappable({ address, columns }: MappingProblems): boolean {
  return address === null && columns.size === 0;
}

/** Gives a column of the file another role; what is added gets a name of its own. */
export function withRole(mapping: readonly ImportColumn[], index: number, role: ColumnRole): ImportColumn[] {
  const others = mapping.filter((each) => each.role === "custom" && each.index !== index).map((each) => each.name);
  return mapping.map((each) => {
    if (each.index !== index) return each;
    const free = role === "custom" && columnNameProblem(each.name, others) !== null;
    return { ...each, role, name: free ? freeName(each.header, others) : each.name };
  });
}

/** The first few different values of a column, to recognise it by. */
export function examples(preview: readonly string[][], index: number, count = 3): string[] {
  const seen = new Set<string>();
  for (const row of preview) {
    const value = (row[index] ?? "").trim();
    if (value !== "") seen.add(value);
    if (seen.size === count) break;
  }
  return [...seen];
}

/** A value as the reader's locale writes it; what is no number or date after all stays as it is. */
export function valueWords(value: string, type: ListColumn["type"], locale: string): string {
  if (type === "date") {
    const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(at)) return value;
    return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(at);
  }
  const digits = type === "number" ? /^[+-]?\d{1,15}(?:[.,](\d{1,10}))?$/.exec(value) : null;
  if (!digits) return value;
  const fraction = digits[1]?.length ?? 0;
  return new Intl.NumberFormat(locale, { minimumFractionDigits: fraction, maximumFractionDigits: fraction }).format(
    Number(value.replace(",", ".")),
  );
}
