import { expect, test } from "./fixtures.ts";
import type { Person } from "./Sandbox.ts";

// How long it takes from a click until everything of a page can be read, with a hundred thousand people and with a hundred:
// make bench-pages. Everything but the sandbox's own page is as in the tests.
const many = 100_000;
const few = 100;
const runs = 7;

test.use({ settings: { HERALD_RATE: "0", HERALD_SANDBOX_USERS: String(many) } });

test("opening a list and a report", async ({ teams, herald, api }) => {
  test.setTimeout(900_000);
  const { tab } = teams;
  await herald.sandbox.install(many / 5);
  const addresses: string[] = [];
  for (let cursor: string | null = ""; cursor !== null && addresses.length < many; ) {
    const next: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await herald.sandbox.send<{ items: Person[]; next: string | null }>(
      "GET",
      `/api/users?limit=200${next}`,
    );
    addresses.push(...page.items.map((person) => person.upn));
    cursor = page.next;
  }
  for (const [name, size] of [
    ["Many", many],
    ["Few", few],
  ] as const) {
    const list = await api.send<{ id: string }>("POST", "/lists", { name });
    for (let at = 0; at < size; at += 10_000) {
      const emails = addresses.slice(at, Math.min(size, at + 10_000));
      await api.send("POST", `/lists/${list.id}/members/bulk`, { emails });
    }
    const { id } = await api.send<{ id: string }>("POST", "/campaigns", {
      name,
      format: "message",
      content: { text: "Hello [FIRSTNAME]" },
      audience: { listIds: [list.id], emails: [], excludeListIds: [] },
    });
    await api.start(id);
    await expect.poll(async () => (await api.campaign(id)).status, { timeout: 600_000 }).toBe("completed");
  }

  /** Milliseconds from a click on a page's name until its last words are there. */
  const open = async (page: "list" | "report", name: string, total: string) => {
    await teams.open();
    if (page === "list") await tab.frame.getByRole("link", { name: "Lists" }).click();
    else await tab.list("Completed");
    const link = tab.frame.getByRole("link", { name, exact: true });
    await link.waitFor();
    const ready = [tab.text(`1 to 50 of ${total}`)];
    if (page === "report")
      ready.push(tab.text(/^Sent (between|at)/), tab.frame.getByRole("img", { name: /^Received:/ }));
    const began = performance.now();
    await link.click();
    await Promise.all(ready.map((each) => each.waitFor()));
    return performance.now() - began;
  };
  const table = ["|  | people | best, ms | median, ms | × a hundred |", "| --- | ---: | ---: | ---: | ---: |"];
  for (const page of ["list", "report"] as const) {
    const times: Record<"Few" | "Many", number[]> = { Few: [], Many: [] };
    for (let run = 0; run < runs; run++) {
      times.Few.push(await open(page, "Few", "100"));
      times.Many.push(await open(page, "Many", "100,000"));
    }
    for (const name of ["Few", "Many"] as const) {
      const sorted = times[name].toSorted((a, b) => a - b);
      const best = sorted[0] ?? 0;
      table.push(
        `| a ${page} | ${String(name === "Few" ? few : many)} | ${best.toFixed(0)} | ${(sorted[(runs - 1) / 2] ?? 0).toFixed(0)} | ${(best / Math.min(...times.Few)).toFixed(2)} |`,
      );
    }
  }
  console.log(table.join("\n"));
});
