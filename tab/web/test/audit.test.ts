import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../src/api/types";
import { audit as english } from "../src/i18n/en/audit";
import "../src/i18n/pages";
import { loadLanguage, translator } from "../src/i18n/translate";
import { actionWords, actorWords, detailWords, targetWords } from "../src/pages/admin/auditWords";

const root = "../../";
const source = (folder: string) =>
  readdirSync(root + folder)
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .map((name) => readFileSync(root + folder + name, "utf8"))
    .join("\n");
const core = source("campaigns/");
const store = source("infra/store/");
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);

/** The actions that Herald knows. */
const actions = all(core, /^\t\w+\s+Action = "([^"]+)"/gm);

/** The names in the details of lines, wherever one is written. */
const details = new Set([
  ...all(
    core + store,
    /(?:\.note|\.noteCampaign|\.noteNamed|\.Audit|moveApproval)\((?:.*?)map\[string\]any\{(.*?)\}[),]/g,
  ).flatMap((literal) => all(literal, /"(\w+)":/g)),
  ...all(store, /detail := map\[string\]any\{(.*?)\}/g).flatMap((literal) => all(literal, /"(\w+)":/g)),
  ...all(store, /detail\["(\w+)"\]/g),
  ...all(/type Forgotten struct \{([^}]*)\}/.exec(core)?.[1] ?? "", /json:"(\w+)"/g),
]);

function entry(action: string, detail: Record<string, unknown>): AuditEntry {
  return {
    id: "1",
    at: "2026-11-26T09:00:00Z",
    actor: { id: "a", displayName: "Ann" },
    action,
    target: { kind: "campaign", id: "c", name: "C" },
    detail,
  };
}

describe("what the audit log says", () => {
  beforeAll(() => loadLanguage("fr"));

  it("has words for every action that Herald writes, and for no other", () => {
    expect(actions.length).toBeGreaterThan(25);
    const words = Object.keys(english).filter((key) => key.startsWith("admin.audit.action."));
    expect(words.sort()).toEqual(actions.map((each) => `admin.audit.action.${each}`).sort());
  });

  it("has words for everything that stands in a line's detail, and for nothing else", () => {
    expect(details.size).toBeGreaterThan(20);
    const words = Object.keys(english).filter((key) => key.startsWith("admin.audit.detail."));
    expect(words.sort()).toEqual([...details].map((each) => `admin.audit.detail.${each}`).sort());
  });

  it("writes names and values as the reader does", () => {
    const sent = entry("campaign.sent", { version: 1204, sendAt: "2026-11-26T09:00:00Z", comment: "" });
    const [version, at, ...rest] = detailWords(sent, "fr-FR", translator("fr-FR"));
    expect(version?.replace(/\s/g, " ")).toBe("Version : 1 204");
    expect(at).toMatch(/^Envoi prévu : .*26 novembre/);
    expect(rest).toEqual([]);
    const t = translator("en-GB");
    expect(detailWords(entry("campaign.deleted", { status: "failed" }), "en-GB", t)).toEqual(["State: Failed"]);
    expect(detailWords(entry("recipients.exported", { status: "sent", format: "csv" }), "en-GB", t)).toEqual([
      "State: Received",
      "File: CSV",
    ]);
    expect(detailWords(entry("list.imported", { rows: 2, replace: true }), "en-GB", t)).toEqual([
      "Rows: 2",
      "Replaced everybody",
    ]);
    expect(detailWords(entry("list.imported", { rows: 2, replace: false }), "en-GB", t)).toEqual(["Rows: 2"]);
  });

  it("says of an installation for how many people it was, and never its id", () => {
    const t = translator("en-GB");
    const about = (detail: Record<string, unknown>) => ({
      ...entry("installation.started", detail),
      target: { kind: "installation", id: "0199-7c", name: "" },
    });
    const started = about({ people: 12, lists: 2, addresses: 0, all: false });
    expect(targetWords(started, t)).toBe("For 12 people");
    expect(detailWords(started, "en-GB", t)).toEqual(["Lists: 2"]);
    expect(targetWords(about({ people: 1 }), translator("fr-FR"))).toBe("Pour 1 personne");
    expect(targetWords(about({ left: 3 }), t)).toBe(""); // of an older Herald
    expect(targetWords(entry("campaign.sent", { people: 3 }), t)).toBe("C");
    expect(detailWords(entry("x.done", { people: 3 }), "en-GB", t)).toEqual(["People without the app: 3"]);
  });

  it("keeps what a newer Herald writes, and names who is nobody", () => {
    const t = translator("fr-FR");
    expect(detailWords(entry("x.done", { unheard: "of" }), "fr-FR", t)).toEqual(["unheard : of"]);
    expect(actionWords("x.done", t)).toBe("x.done");
    expect(actorWords({ id: "herald", displayName: "Herald" }, t)).toBe("Herald lui-même");
    expect(actorWords({ id: "command-line", displayName: "Command line" }, t)).toBe("Ligne de commande");
    expect(actorWords({ id: "former", displayName: "" }, t)).toBe("Ancien collègue");
    expect(actorWords({ id: "a", displayName: "Ann" }, t)).toBe("Ann");
  });
});
