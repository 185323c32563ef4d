import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import { connection } from "../src/api/connection";
import ConnectionLost from "../src/ui/ConnectionLost";
import { useNotify } from "../src/ui/Notices";
import { stage } from "./stage";

// The frame of the pages, when things happen late, twice, in another order, or not at all.

describe("a lost connection", () => {
  afterEach(() => {
    connection.set("there");
  });

  it("is over, once, when anything of the page hears from Herald again", async () => {
    connection.set("lost");
    const { client, wrapper } = stage({ me: () => new Promise(() => undefined) });
    const asked = vi.spyOn(client, "invalidateQueries");
    render(<ConnectionLost />, { wrapper });
    // The bar's own attempt is still under way.
    await userEvent.click(screen.getByRole("button", { name: "Try now" }));
    act(() => connection.set("there"));
    await screen.findAllByText("Herald is back.");
    expect(document.querySelectorAll(".fui-Toast")).toHaveLength(1);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe("notices", () => {
  it("are all shown, also those that came together", async () => {
    function Both() {
      const notify = useNotify();
      const [done, setDone] = useState(false);
      return (
        <button
          type="button"
          onClick={() => {
            notify("success", "First");
            notify("success", "Second");
            setDone(true);
          }}
        >
          {String(done)}
        </button>
      );
    }
    render(<Both />, stage({}));
    await userEvent.click(screen.getByRole("button"));
    await screen.findAllByText("Second");
    expect(screen.getAllByText("First").length).toBeGreaterThan(0);
  });
});

describe("Herald's API", () => {
  const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });

  it("has deleted what is not there any more", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 404 })));
    await expect(api.deleteList("l")).resolves.toBeUndefined();
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 409 })));
    await expect(api.deleteList("l")).rejects.toMatchObject({ status: 409 });
  });

  it("was not reached when its answer breaks off, so that it is asked again", async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"id":'));
            controller.error(new TypeError("network error"));
          },
        }),
      );
    vi.stubGlobal("fetch", () => Promise.resolve(broken()));
    await expect(api.campaign("c")).rejects.toMatchObject({ code: "network" });
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>")));
    await expect(api.campaign("c")).rejects.toMatchObject({ code: "unexpected" });
  });
});
