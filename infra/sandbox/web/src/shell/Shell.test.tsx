import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { alva, elodie, MockCloud } from "../test/MockCloud";
import { renderPart } from "../test/page";
import { Shell } from "./Shell";
import { readSettings, type Settings, writeSettings } from "./settings";

let cloud: MockCloud;
beforeEach(() => {
  cloud = new MockCloud();
  cloud.install();
});

function Page(props: { search: string }) {
  const [settings, setSettings] = useState<Settings>(() => readSettings(props.search, "en"));
  return <Shell settings={settings} onChange={(change) => setSettings({ ...settings, ...change })} />;
}

const frame = () => screen.findByTitle<HTMLIFrameElement>("Herald, the tab");

function say(source: Window | null, func: string, args: unknown[] = []) {
  act(() => {
    window.dispatchEvent(
      new MessageEvent("message", { data: { id: 1, func, args }, origin: "http://127.0.0.1:3978", source }),
    );
  });
}

describe("the tab", () => {
  it("is framed from the bot's address and covered until it says that it is there", async () => {
    renderPart(<Page search="" />);
    const tab = await frame();
    expect(tab).toHaveAttribute("src", "http://127.0.0.1:3978/tab/");
    expect(tab.getAttribute("allow")).toContain("clipboard-write");
    expect(screen.getByText("Opening Herald as Alva Lindström")).toBeVisible();
    say(tab.contentWindow, "appInitialization.success");
    expect(screen.queryByText("Opening Herald as Alva Lindström")).toBeNull();
  });

  it("shows the failure that it reports, and loads it again", async () => {
    renderPart(<Page search="" />);
    const tab = await frame();
    say(tab.contentWindow, "appInitialization.failure", ["Other", "no database"]);
    expect(screen.getByText("The tab reported: Other: no database")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await frame()).not.toBe(tab);
  });

  it("is loaded again for another person", async () => {
    renderPart(<Page search="" />);
    const tab = await frame();
    await userEvent.click(screen.getByRole("button", { name: "Whose tab: Author" }));
    await userEvent.click(await screen.findByRole("menuitemradio", { name: /Nobody/ }));
    await waitFor(async () => expect(await frame()).not.toBe(tab));
    expect(screen.getByText("Opening Herald as Élodie Marchand")).toBeVisible();
  });

  it("says when nobody has the role", async () => {
    renderPart(<Page search="?as=Admin" />);
    expect(await screen.findByText("Nobody in this tenant has that role")).toBeVisible();
  });

  it("says when the sandbox does not answer", async () => {
    cloud.overrides.set("GET /api/bot", { status: 503, body: { error: { code: "x", message: "starting" } } });
    renderPart(<Page search="" />);
    expect(await screen.findByText("starting")).toBeVisible();
  });
});

describe("many people", () => {
  it("offers the first installation and tells its result", async () => {
    cloud.people = [{ ...alva, installed: false }, elodie];
    renderPart(<Page search="" />);
    expect(await screen.findByText("Nobody has Herald yet, so campaigns reach nobody.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Install for 20 people" }));
    expect(await screen.findByText("2 of 2 people have Herald now.")).toBeVisible();
    expect(cloud.call("POST", "/api/install")?.body).toEqual({ count: 20 });
  });

  it("says what the bot did not take", async () => {
    cloud.overrides.set("POST /api/install", {
      status: 200,
      body: { installed: 2, failed: 1, errors: ["Alva: the bot answered 500"] },
    });
    renderPart(<Page search="" />);
    await userEvent.click(await screen.findByRole("button", { name: "Install for everyone" }));
    expect(await screen.findByText("Alva: the bot answered 500")).toBeVisible();
  });

  it("shows up to three chats", async () => {
    renderPart(<Page search={`?chats=${alva.upn}`} />);
    await screen.findByRole("region", { name: "Chat of Alva Lindström" });
    const add = screen.getByRole("button", { name: "Add a chat" });
    await userEvent.click(add);
    await userEvent.click(add);
    expect(screen.getAllByRole("combobox")).toHaveLength(3);
    await waitFor(() => expect(add).toHaveAttribute("aria-disabled", "true"));
    const [close] = screen.getAllByRole("button", { name: "Close this chat" });
    if (close === undefined) throw new Error("an empty chat can be closed");
    await userEvent.click(close);
    expect(screen.getAllByRole("combobox")).toHaveLength(2);
  });
});

it("moves the sandbox's clock", async () => {
  renderPart(<Page search="" />);
  await userEvent.click(await screen.findByRole("button", { name: /^Sandbox time: \w/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "6 days later" }));
  expect(cloud.call("PUT", "/api/clock")?.body).toEqual({ advance: "144h" });
  // Once to be seen, once to be heard.
  expect(await screen.findAllByText(/It is now .* in the sandbox/)).not.toEqual([]);
});

it("says that the stream broke", async () => {
  renderPart(<Page search="" />);
  await frame();
  expect(screen.queryByText(/does not answer/)).toBeNull();
  act(() => cloud.stream("/api/state/events").fail());
  expect(screen.getByText("The sandbox does not answer. Trying again.")).toBeVisible();
});

describe("settings", () => {
  it("live in the address", () => {
    const settings = readSettings(
      "?theme=dark&lang=fr&as=Analyst&chats=a,b,c,d&subEntityId=report%2F7",
      "en",
    );
    expect(settings).toEqual({
      theme: "dark",
      language: "fr",
      persona: "Analyst",
      chats: ["a", "b", "c"],
      subEntityId: "report/7",
    });
    expect(readSettings(writeSettings(settings, ""), "en")).toEqual(settings);
  });

  it("are Teams' own without one, in the browser's language", () => {
    const settings = readSettings("?theme=pink&as=Boss", "fr-CA");
    expect(settings).toMatchObject({ theme: "default", language: "fr", persona: "Author", chats: [] });
  });
});
