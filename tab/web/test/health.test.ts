import { beforeAll, describe, expect, it } from "vitest";
import type { HealthFinding } from "../src/api/types";
import "../src/i18n/pages";
import { loadLanguage, translator } from "../src/i18n/translate";
import { byUrgency, findingWords } from "../src/pages/admin/healthWords";

const now = Date.parse("2026-11-25T12:00:00Z");

function finding(code: string, params: Record<string, string> = {}, more: Partial<HealthFinding> = {}): HealthFinding {
  return {
    check: "database",
    code,
    state: "warning",
    params,
    what: "A check",
    cause: "Said by Herald.",
    remedy: "Do it.",
    ...more,
  };
}

describe("what the health page says", () => {
  beforeAll(() => loadLanguage("fr"));

  it("is in the reader's language, with the values as the locale writes them", () => {
    const found = finding("secret.soon", { days: "9", date: "2026-12-04" }, { check: "credential" });
    expect(findingWords(found, now, "en-GB", translator("en-GB")).cause).toBe(
      "The client secret ends on 4 December 2026 (days left: 9).",
    );
    const french = findingWords(found, now, "fr-FR", translator("fr-FR"));
    expect(french.cause).toBe("Le secret client expire le 4 décembre 2026 (jours restants : 9).");
    expect(french.what).toBe("Secret ou certificat");
    expect(french.remedy).toContain("HERALD_APP_SECRET");
  });

  it("writes counts as the locale does, and Microsoft's numbers as they are", () => {
    const t = translator("en-US");
    expect(findingWords(finding("people.ok", { n: "12500" }), now, "en-US", t).cause).toContain("12,500");
    const refused = finding("token.secret_expired", { number: "7000222", tenant: "x", app: "y" });
    expect(findingWords(refused, now, "en-US", t).cause).toContain("AADSTS7000222");
  });

  it("keeps Herald's own words for codes of a newer Herald, and for values that are missing", () => {
    const t = translator("en");
    const unknown = findingWords(finding("database.haunted", {}, { check: "attic" }), now, "en", t);
    expect(unknown).toEqual({ what: "A check", cause: "Said by Herald.", remedy: "Do it." });
    expect(findingWords(finding("disk.low", {}), now, "en", t).cause).toBe("Said by Herald.");
  });

  it("has no remedy where Herald has none", () => {
    expect(findingWords(finding("redis.embedded", {}, { remedy: "" }), now, "en", translator("en")).remedy).toBe("");
  });

  it("tells what is urgent first, and otherwise keeps the order", () => {
    const states = ["ok", "warning", "ok", "problem", "warning"] as const;
    const found = byUrgency(states.map((state, at) => finding(String(at), {}, { state })));
    expect(found.map((each) => each.code)).toEqual(["3", "1", "4", "0", "2"]);
  });
});
