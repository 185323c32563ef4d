import { describe, expect, it } from "vitest";
import type { Counts } from "../src/api/types";
import { first } from "../src/i18n/en/first";
import { pages } from "../src/i18n/en/pages";
import { fr } from "../src/i18n/fr/index";
import { languageOf, translator, usableLocale } from "../src/i18n/translate";
import { parseAddresses } from "../src/words/addresses";
import { doneCount, openCount, segments } from "../src/words/counts";
import { distance, duration, fullMoment, shortMoment } from "../src/words/moments";
import { checkLater, isLeftOut, latestMoment, momentOf, parseTime, twin } from "../src/words/sendLater";

const en = { ...first, ...pages };
const hour = 3_600_000;
const t = translator("en-GB");

describe("languages", () => {
  it("have the same keys", () => {
    expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
  });

  it("fill in the same values, and have something to say for every key", () => {
    const values = (entry: unknown) => [...new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])].sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      const longest = (entry: (typeof fr)[typeof key]) => (typeof entry === "string" ? entry : entry.other);
      expect(values(longest(fr[key])), key).toEqual(values(longest(en[key])));
      expect(longest(fr[key]).trim(), key).not.toBe("");
    }
  });

  it("are chosen by locale", () => {
    expect(["fr", "fr-CA", "FR-fr", "en-US", "de-DE", "fra"].map(languageOf)).toEqual([
      "fr",
      "fr",
      "fr",
      "en",
      "en",
      "en",
    ]);
    expect([usableLocale("en_GB"), usableLocale(undefined), usableLocale("x")]).toEqual(["en-GB", "en", "en"]);
  });

  it("write numbers and plurals as the locale does", () => {
    expect(t("aud.summary.people", { n: 1 })).toBe("1 person");
    expect(t("aud.summary.people", { n: 1_204 })).toBe("1,204 people");
    expect(t("home.progress", { done: 1_204, total: 5_000 })).toBe("1,204 of 5,000");
  });
});

describe("moments", () => {
  const now = Date.parse("2026-11-21T09:30:00Z");

  it("are said in words", () => {
    const at = Date.parse("2026-11-26T13:30:00Z");
    expect(fullMoment(at, now, "en-GB", t, "Europe/Paris")).toBe(
      "Thursday 26 November, 14:30 (Paris), in 5 days 4 hours",
    );
  });

  it.each([
    ["2026-11-21T20:00:00Z", "today, 21:00"],
    ["2026-11-21T23:30:00Z", "tomorrow, 00:30"],
    ["2026-11-20T10:00:00Z", "yesterday, 11:00"],
    ["2026-11-27T10:00:00Z", "27 Nov, 11:00"],
  ])("%s is %s in Paris", (at, words) => {
    expect(shortMoment(Date.parse(at), now, "en-GB", t, "Europe/Paris")).toBe(words);
  });

  it("have a length of two units at most", () => {
    expect(duration(76_000, "en")).toBe("1 minute 16 seconds");
    expect(duration(5 * 24 * hour + 3 * hour + 59_000, "en")).toBe("5 days 3 hours");
    expect(duration(0, "en")).toBe("0 seconds");
    expect(distance(now - 120_000, now, "en", t)).toBe("2 minutes ago");
  });
});

describe("send later", () => {
  const now = Date.parse("2026-11-21T09:30:30Z");

  it("takes every moment within the cap and no other", () => {
    const latest = latestMoment(now, 144);
    expect(latest).toBe(Date.parse("2026-11-27T09:30:00Z"));
    expect(checkLater(latest, now, 144)).toBeNull();
    expect(checkLater(now + 1, now, 144)).toBeNull();
    expect(checkLater(latest + 1, now, 144)).toBe("cap");
    expect(checkLater(now, now, 144)).toBe("past");
    expect(checkLater(null, now, 144)).toBe("invalid");
    expect(checkLater(Number.NaN, now, 144)).toBe("invalid");
  });

  it.each([
    ["14:30", 14, 30],
    ["14h30", 14, 30],
    ["1430", 14, 30],
    ["9", 9, 0],
    ["2:30 PM", 14, 30],
    ["2:30\u202fPM", 14, 30],
    ["12:05 am", 0, 5],
    ["12 p.m.", 12, 0],
  ])("reads the time %s", (text, hours, minutes) => {
    expect(parseTime(text)).toEqual({ hours, minutes });
  });

  it.each(["", "25:00", "14:60", "13 pm", "noon", "1:2:3"])("does not read %j as a time", (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it("puts date and time together in the author's zone", () => {
    const at = new Date(momentOf(new Date(2026, 10, 27), { hours: 14, minutes: 30 }));
    expect([at.getFullYear(), at.getMonth(), at.getDate(), at.getHours(), at.getMinutes()]).toEqual([
      2026, 10, 27, 14, 30,
    ]);
  });
});

describe("addresses", () => {
  it.each([
    [
      "lines, commas, semicolons, tabs",
      "a@x.io\nb@x.io, c@x.io;d@x.io\te@x.io",
      ["a@x.io", "b@x.io", "c@x.io", "d@x.io", "e@x.io"],
      [],
      0,
    ],
    ["as Outlook copies them", "Ann Lee <ann@x.io>; 'Bo' <mailto:bo@x.io>", ["ann@x.io", "bo@x.io"], [], 0],
    ["repeated in another case", "Ann@x.io\nann@X.io", ["Ann@x.io"], [], 1],
    ["with spaces between", "a@x.io b@x.io", ["a@x.io", "b@x.io"], [], 0],
    ["not addresses", "ann\nnot an address, a@b, a@@x.io", [], ["ann", "not an address", "a@b", "a@@x.io"], 0],
    ["nothing", " \n;; , ", [], [], 0],
  ])("are read: %s", (_, text, valid, invalid, duplicates) => {
    expect(parseAddresses(text)).toEqual({ valid, invalid, duplicates });
  });
});

describe("counts", () => {
  const counts: Counts = {
    total: 412,
    pending: 5,
    sending: 2,
    sent: 380,
    failed: 4,
    skipped: 14,
    rescheduled: 3,
    cancelled: 4,
    unscheduled: 0,
  };

  it("add up in the bar", () => {
    const parts = segments(counts);
    expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(counts.total);
    expect(parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 10);
    expect(openCount(counts) + doneCount(counts)).toBe(counts.total);
  });

  it("show only states that have somebody", () => {
    const one: Counts = {
      total: 1,
      pending: 0,
      sending: 0,
      sent: 1,
      failed: 0,
      skipped: 0,
      rescheduled: 0,
      cancelled: 0,
      unscheduled: 0,
    };
    expect(segments(one)).toEqual([{ status: "sent", count: 1, share: 1 }]);
    expect(segments({ ...one, total: 0, sent: 0 })).toEqual([]);
  });
});

describe("nights in which the clocks change", () => {
  // TZ, as Node reads it: Date follows at once.
  const inZone = (zone: string, run: () => void) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    try {
      run();
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  };

  it("have a time that is left out, which means as much later", () => {
    inZone("Europe/Paris", () => {
      const wanted = { hours: 2, minutes: 30 };
      const at = momentOf(new Date(2027, 2, 28), wanted);
      expect(new Date(at).toISOString()).toBe("2027-03-28T01:30:00.000Z"); // 03:30
      expect(isLeftOut(at, wanted)).toBe(true);
      expect(isLeftOut(momentOf(new Date(2027, 2, 29), wanted), wanted)).toBe(false);
    });
  });

  it.each([
    ["Europe/Paris", [2027, 9, 31], { hours: 2, minutes: 30 }, 60],
    ["Australia/Lord_Howe", [2027, 3, 4], { hours: 1, minutes: 45 }, 30],
  ] as const)("have a time that comes twice: %s", (zone, [year, month, day], time, minutes) => {
    inZone(zone, () => {
      const first = momentOf(new Date(year, month, day), time);
      expect(twin(first)).toEqual({ at: first + minutes * 60_000, first: true });
      expect(twin(first + minutes * 60_000)).toEqual({ at: first, first: false });
      expect(twin(momentOf(new Date(year, month, day + 1), time))).toBeNull();
    });
  });
});
