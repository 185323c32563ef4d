import { describe, expect, it } from "vitest";
import { ceiling, clockOf, labelled, peak, stepWords } from "../src/words/timeline";

const buckets = (...sent: number[]) =>
  sent.map((n, index) => ({ at: new Date(index * 1_000).toISOString(), sent: n, failed: 0 }));

describe("the timeline’s arithmetic", () => {
  it("finds the fullest step, the first of several", () => {
    expect(peak(buckets(1, 7, 3, 7))?.at).toBe("1970-01-01T00:00:01.000Z");
    expect(peak([])).toBeNull();
  });

  it.each([
    [[0], 1],
    [[1], 1],
    [[2, 1], 2],
    [[3], 5],
    [[15], 20],
    [[20], 20],
    [[51], 100],
    [[3_012], 5_000],
    [[1_000_000], 1_000_000],
  ])("puts a round number above %j: %i", (sent, top) => {
    expect(ceiling(buckets(...sent))).toBe(top);
  });

  it("leaves room for what failed on top of what was sent", () => {
    expect(ceiling([{ at: "", sent: 18, failed: 3 }])).toBe(50);
  });

  it.each([
    [1, 5, [0]],
    [5, 5, [0, 1, 2, 3, 4]],
    [7, 5, [0, 2, 4, 6]],
    [18, 5, [0, 5, 10, 15]],
    [61, 5, [0, 15, 30, 45, 60]],
    [61, 3, [0, 30, 60]],
    [60, 3, [0, 30]],
  ])("labels steps of %i, at most %i, evenly", (n, most, want) => {
    expect(labelled(n, most)).toEqual(want);
  });

  it("says how long a step is", () => {
    expect([1, 30, 60, 900, 21_600, 86_400, 604_800].map((each) => stepWords(each, "en"))).toEqual([
      "1 second",
      "30 seconds",
      "1 minute",
      "15 minutes",
      "6 hours",
      "1 day",
      "1 week",
    ]);
    expect(stepWords(300, "fr")).toBe("5 minutes");
  });

  it("names the day only when it ends on another one, in the reader’s time zone", () => {
    const [from, to] = [Date.parse("2026-11-27T22:30:02Z"), Date.parse("2026-11-27T23:10:00Z")];
    expect(clockOf(from, to, true, "en-GB", "UTC")(from)).toBe("22:30:02");
    expect(clockOf(from, to, false, "en-GB", "UTC")(from)).toBe("22:30");
    expect(clockOf(from, to, false, "en-GB", "Europe/Paris")(to)).toBe("28 Nov, 00:10");
  });
});
