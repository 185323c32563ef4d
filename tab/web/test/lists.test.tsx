import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import { ApiError, errorOf } from "../src/api/error";
import type { Audience, ImportColumn, ImportReport, List } from "../src/api/types";
import { variableAt, variableText } from "../src/content/document";
import { first } from "../src/i18n/en/first";
import { pages } from "../src/i18n/en/pages";
import { translator } from "../src/i18n/translate";
import { inputOf } from "../src/pages/editor/fields";
import { columnsOf } from "../src/pages/lists/ColumnsDialog";
import { ImportWizard } from "../src/pages/lists/ImportWizard";
import { audienceWords } from "../src/ui/campaign";
import { explain, explainProblem } from "../src/ui/errors";
import { SessionContext, type SessionValue } from "../src/ui/Session";
import {
  columnName,
  columnNameProblem,
  examples,
  freeName,
  isMappable,
  mappingProblems,
  valueWords,
  withRole,
} from "../src/words/columns";

const t = translator("en");

describe("columns of a list", () => {
  it.each([
    ["Amount", "AMOUNT"],
    ["Montant dû (€)", "MONTANT_DÛ"],
    ["  due date ", "DUE_DATE"],
    ["2nd place", "ND_PLACE"],
    ["金額", ""],
    ["x".repeat(80), "X".repeat(64)],
  ])("are named after their label: %s", (label, name) => {
    expect(columnName(label)).toBe(name);
  });

  it("never share a name, and never take that of the names", () => {
    expect(freeName("Amount", ["AMOUNT", "AMOUNT_2"])).toBe("AMOUNT_3");
    expect(freeName("FirstName", [])).toBe("FIRSTNAME_2");
    expect(freeName("金額", [])).toBe("COLUMN");
    expect(
      ["", "1A", "A-B", "LASTNAME", "AMOUNT", "FINE 2"].map((name) => columnNameProblem(name, ["AMOUNT"])),
    ).toEqual(["missing", "shape", "shape", "taken", "twice", null]);
  });

  it("keep their names when their labels change, and new ones get theirs", () => {
    const row = { type: "text", removed: false } as const;
    expect(
      columnsOf([
        { ...row, label: "Sum ", name: "AMOUNT" },
        { ...row, label: "Gone", name: "GONE", removed: true },
        { ...row, label: "Amount", name: null },
        { ...row, label: "Amount", name: null, type: "date" },
      ]),
    ).toEqual([
      { name: "AMOUNT", label: "Sum", type: "text" },
      { name: "AMOUNT_2", label: "Amount", type: "text" },
      { name: "AMOUNT_3", label: "Amount", type: "date" },
    ]);
  });

  it("show values as the locale writes them, and what is none as it is", () => {
    expect(valueWords("1350.5", "number", "fr")).toBe("1\u202f350,5");
    expect(valueWords("12,50", "number", "en")).toBe("12.50");
    expect(valueWords("1.200,50", "number", "en")).toBe("1.200,50");
    expect(valueWords("2016-12-25", "date", "en-GB")).toBe("25 Dec 2016");
    expect(valueWords("2026-13-45", "date", "en")).toBe("2026-13-45");
    expect(valueWords("2016", "text", "en")).toBe("2016");
  });
});

const column = (index: number, role: ImportColumn["role"], name: string): ImportColumn => ({
  index,
  header: name.toLowerCase(),
  role,
  name,
  type: "text",
});

describe("the columns of a file", () => {
  const mapping = [column(0, "address", "CONTACT"), column(1, "firstName", "NOMBRE"), column(2, "custom", "MONTO")];

  it("need exactly one address", () => {
    expect(isMappable(mappingProblems(mapping))).toBe(true);
    expect(mappingProblems(withRole(mapping, 0, "ignore")).address).toBe("none");
    const twice = mappingProblems(withRole(mapping, 1, "address"));
    expect([twice.address, [...twice.columns]]).toEqual([
      "many",
      [
        [0, "role"],
        [1, "role"],
      ],
    ]);
    expect(isMappable(twice)).toBe(false);
  });

  it("get a free name when they become values", () => {
    const two = [...mapping, column(3, "ignore", "MONTO")];
    expect(withRole(two, 3, "custom")[3]).toMatchObject({ role: "custom", name: "MONTO_2" });
    expect(withRole(mapping, 2, "ignore")[2]).toMatchObject({ role: "ignore", name: "MONTO" });
    expect(mappingProblems([...mapping, column(3, "custom", "MONTO")]).columns.get(3)).toBe("twice");
  });

  it("are recognised by their first values", () => {
    expect(examples([["a"], [" "], ["a"], ["b"], []], 0)).toEqual(["a", "b"]);
  });
});

describe("variables in a text", () => {
  it("are found around the cursor, with their fallback", () => {
    const text = "Hello [FIRSTNAME|there], [MONTO]";
    expect(variableAt(text, 8)).toEqual({ name: "FIRSTNAME", fallback: "there", from: 6, to: 23 });
    expect(variableAt(text, 2)).toBeNull();
    expect(variableAt(text, 32)).toMatchObject({ name: "MONTO", fallback: "" });
  });

  it("are written so that they are read again", () => {
    expect(variableText({ name: "MONTO", fallback: "" })).toBe("[MONTO]");
    expect(variableText({ name: "MONTO", fallback: " no *sum* [yet] " })).toBe("[MONTO|no sum yet]");
  });
});

describe("audiences with lists", () => {
  const fields = {
    name: "",
    format: "message",
    emails: ["a@b.example"],
    listIds: ["1"],
    unanswered: null,
  } as Parameters<typeof inputOf>[0];

  it("keep exclusions whoever is chosen", () => {
    expect(inputOf({ ...fields, all: true, excludeListIds: ["2"] }).audience).toEqual({
      all: true,
      excludeListIds: ["2"],
    });
    expect(inputOf({ ...fields, all: true, excludeListIds: [] }).audience).toEqual({ all: true });
    expect(inputOf({ ...fields, all: false, excludeListIds: ["2"] }).audience).toEqual({
      emails: ["a@b.example"],
      listIds: ["1"],
      excludeListIds: ["2"],
    });
  });

  it("are said in words", () => {
    const audienceLists = ["Sales", "Paris", "Interns", "Board"].map((name, at) => ({ id: String(at + 1), name }));
    const words = (audience: Audience) => audienceWords({ audience, audienceLists }, "en", t);
    expect(words({ all: true, excludeListIds: ["3"] })).toBe("All users except Interns");
    expect(words({ listIds: ["1", "2"], emails: ["a@b.example"] })).toBe("Sales, Paris, and 1 address");
    expect(words({ listIds: ["1"], excludeListIds: ["2", "3"] })).toBe("Sales except Paris and Interns");
    expect(words({ listIds: ["1", "2", "3", "4"] })).toBe("Sales, Paris, and 2 more lists");
    expect(words({ listIds: ["1", "gone"] })).toBe("Sales and a deleted list");
    expect(words({ excludeListIds: ["1"] })).toBe("Nobody yet");
  });
});

describe("what is wrong with lists", () => {
  const errors = `name_taken list_in_use member_exists list_full list_changed values_do_not_fit import_problems stale_version
    empty_file too_large unpacks_too_large too_many_rows too_many_columns binary_file web_page unsupported_workbook
    protected_workbook broken_workbook no_header no_rows empty_header duplicate_header bad_header no_address_column
    invalid_mapping body_too_large`;
  const problems = `missing_address invalid_address duplicate_address invalid_number invalid_date cell_too_long
    control_character damaged_character cell_error too_many_cells too_few_cells unclosed_quote misplaced_quote unknown_list
    too_many_lists unknown_column invalid_column_name reserved_column_name duplicate_column label_too_long`;

  it("has words, every code of it", () => {
    const all: object = { ...first, ...pages };
    for (const code of errors.trim().split(/\s+/)) expect(all, code).toHaveProperty([`error.${code}`]);
    for (const code of problems.trim().split(/\s+/)) expect(all, code).toHaveProperty([`problem.${code}`]);
  });

  it("names the campaign that uses a list", () => {
    const used = new ApiError(409, { code: "list_in_use", detail: 'The campaign "The \\"big\\" one" uses it.' });
    expect(explain(used, t)).toMatch(/^The campaign “The "big" one” is scheduled/);
    expect(explain(new ApiError(409, { code: "list_in_use" }), t)).toMatch(/^A campaign that is scheduled/);
  });

  it("is said of the file, and of a row without its value", () => {
    const header = { field: "/file", code: "duplicate_header", message: "m", value: "MONTO" };
    expect(explain(new ApiError(422, { code: "duplicate_header", problems: [header] }), t)).toMatch(/^Two columns/);
    expect(explainProblem({ field: "", code: "invalid_date", message: "m", value: "2026-13-45" }, t)).toMatch(
      /^Not a date/,
    );
    expect(explainProblem({ field: "", code: "brand_new", message: "Herald says so." }, t)).toBe("Herald says so.");
  });

  it("comes with what was found in the file", async () => {
    const report = { good: 1, wrong: 1 };
    const body = JSON.stringify({ code: "import_problems", import: report });
    const error = await errorOf(
      new Response(body, { status: 422, headers: { "Content-Type": "application/problem+json" } }),
    );
    expect(error.import).toEqual(report);
  });
});

const list: List = {
  id: "l1",
  name: "Customers",
  members: 2,
  installed: 1,
  columns: [],
  createdBy: { id: "u", displayName: "Ann" },
  createdAt: "2026-11-21T09:00:00Z",
  updatedAt: "2026-11-21T09:00:00Z",
  version: 3,
};

describe("the API of lists", () => {
  it("sends a file as a form, whose type the browser writes", async () => {
    const fetched = vi.fn<typeof fetch>(() =>
      Promise.resolve(new Response("{}", { headers: { "Content-Type": "application/json" } })),
    );
    vi.stubGlobal("fetch", fetched);
    const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });
    const file = new File(["x"], "people.tsv");
    await api.importFile("l/1", { file, mapping: [column(0, "address", "A")], mode: "replace", skipWrong: true });
    await api.saveList("l1", 3, { name: "n", columns: [] });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/lists/l%2F1/import");
    const form = init?.body as FormData;
    expect(form.get("file")).toMatchObject({ name: "people.tsv" });
    expect([form.get("mode"), form.get("skipWrong"), form.get("dryRun")]).toEqual(["replace", "true", "false"]);
    expect(JSON.parse(String(form.get("mapping")))).toHaveLength(1);
    expect(new Headers(init?.headers).has("Content-Type")).toBe(false);
    expect(fetched.mock.calls[1]?.[1]?.headers).toMatchObject({ "If-Match": "3" });
  });
});

describe("ImportWizard", () => {
  const report: ImportReport = {
    columns: [column(0, "address", "CONTACT"), column(1, "custom", "MONTO")],
    preview: [["ann@contoso.example", "12"]],
    total: 2,
    good: 1,
    wrong: 1,
    problems: [{ line: 3, column: "CONTACT", code: "invalid_address", message: "m", value: "bob@" }],
    imported: 0,
  };

  it("writes only at the last button, asks before it replaces, and says what became of the rows", async () => {
    const importFile = vi.fn((_: string, input: { dryRun?: boolean }) =>
      Promise.resolve(input.dryRun ? report : { ...report, imported: 1 }),
    );
    const session = { api: { importFile } } as unknown as SessionValue;
    const onClose = vi.fn();
    render(
      <FluentProvider theme={teamsLightTheme}>
        <QueryClientProvider client={new QueryClient()}>
          <SessionContext value={session}>
            <ImportWizard list={list} onClose={onClose} />
          </SessionContext>
        </QueryClientProvider>
      </FluentProvider>,
    );
    const user = userEvent.setup();
    const input = document.querySelector("input[type=file]");
    if (!(input instanceof HTMLInputElement)) throw new Error("there is no field for the file");
    await user.upload(input, new File(["x"], "people.tsv"));
    await user.click(await screen.findByRole("button", { name: "Next: check the rows" }));
    const table = await screen.findByRole("table", { name: "Rows with a problem" });
    expect(
      within(table)
        .getAllByRole("cell")
        .map((each) => each.textContent),
    ).toEqual(["3", "CONTACT", "“bob@” is not an e-mail address.", "bob@"]);
    await user.click(screen.getByRole("radio", { name: /^Replace/ }));
    await user.click(screen.getByRole("button", { name: "Import the 1 good row" }));
    expect(importFile.mock.calls.every(([, sent]) => sent.dryRun)).toBe(true);
    await user.click(screen.getByRole("button", { name: "Replace the list" }));
    expect(await screen.findByText("“Customers” has exactly 1 person now.")).toBeTruthy();
    expect(importFile).toHaveBeenLastCalledWith("l1", expect.objectContaining({ mode: "replace", skipWrong: true }));
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(onClose).toHaveBeenCalledTimes(1);
  });
});
