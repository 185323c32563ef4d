import { useQuery } from "@tanstack/react-query";
import { act, fireEvent, render, renderHook, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api/error";
import type { Campaign } from "../src/api/types";
import { Comparison } from "../src/pages/editor/Comparison";
import { FrozenDraft } from "../src/pages/editor/FrozenDraft";
import { fieldsOf } from "../src/pages/editor/fields";
import { ImageField } from "../src/pages/editor/ImageField";
import { SaveStatus } from "../src/pages/editor/SaveStatus";
import { SendBox } from "../src/pages/editor/SendBox";
import { TryBox } from "../src/pages/editor/TryBox";
import type { CardInForm } from "../src/pages/editor/useCard";
import { usePreview } from "../src/pages/editor/usePreview";
import { useLooks } from "../src/pages/editor/useSaving";
import { away, campaign, editing, later, stage } from "./stage";

// Editors, when things happen late, twice, in another order, after the page was left, or not at all.

describe("the editor", () => {
  it("replaces nothing under an open dialog", () => {
    const look = vi.fn(() => Promise.resolve());
    renderHook(() => useLooks({ look } as never));
    const dialog = document.createElement("div");
    dialog.setAttribute("aria-modal", "true");
    document.body.append(dialog);
    window.dispatchEvent(new Event("focus"));
    expect(look).not.toHaveBeenCalled();
    dialog.remove();
    window.dispatchEvent(new Event("focus"));
    expect(look).toHaveBeenCalledTimes(1);
  });

  it("does not try what could not be saved", async () => {
    const tryOn = vi.fn();
    const verify = () => Promise.resolve({ found: true, installed: true, displayName: "Bob" });
    const { draft, wrapper } = editing({ tryOn, verify }, vi.fn(away));
    render(<TryBox />, { wrapper });
    await userEvent.type(screen.getByRole("textbox"), "bob@x.example");
    await userEvent.click(screen.getByRole("button", { name: "Verify" }));
    act(() => draft.edit({ text: "Newer" }));
    const send = screen.getByRole("button", { name: "Send the test" });
    await waitFor(() => expect(send.getAttribute("aria-disabled")).not.toBe("true"));
    await userEvent.click(send);
    expect(await screen.findByText("Your last changes could not be saved, so nothing was sent.")).toBeTruthy();
    expect(tryOn).not.toHaveBeenCalled();
  });

  it("keeps who tries to save again where they are, when the button goes", async () => {
    const trying = later<Campaign>();
    let asked = 0;
    const { draft, wrapper } = editing({}, () => (asked++ === 0 ? away() : trying.promise));
    render(<SaveStatus />, { wrapper });
    act(() => draft.edit({ name: "Newer" }));
    await act(() => draft.flush());
    await userEvent.click(screen.getByRole("button", { name: "Save again" }));
    const status = screen.getByText("Saving").parentElement;
    expect(document.activeElement).toBe(status);
    await act(async () => {
      trying.resolve({ ...campaign, name: "Newer", version: 2 });
      await trying.promise;
    });
    expect(status?.textContent).toMatch(/^Saved/);
    expect(document.activeElement).toBe(status);
  });

  it("says that the people could not be counted, instead of asking about them when somebody is no longer there to answer", async () => {
    const { wrapper } = editing({ count: away });
    render(<SendBox />, { wrapper });
    const send = await screen.findByRole("button", { name: /^The people could not be counted|^Send now/i });
    await waitFor(() => expect(screen.queryAllByText("The people could not be counted").length).toBeGreaterThan(0));
    expect(send.getAttribute("aria-disabled")).toBe("true");
  });

  it("asks for no preview of one format with the content of another", async () => {
    const preview = vi.fn<(input: { format: string; content: object }) => Promise<unknown>>(() =>
      Promise.resolve({ activity: { type: "message" }, missing: [], problems: [] }),
    );
    const { draft, wrapper } = editing({ preview });
    renderHook(() => usePreview(""), { wrapper });
    await waitFor(() => expect(preview).toHaveBeenCalledTimes(1));
    act(() => draft.edit({ format: "survey", surveyId: "s" }));
    await waitFor(() => expect(preview.mock.lastCall?.[0]).toMatchObject({ content: { surveyId: "s" } }));
    expect(preview.mock.calls.map(([asked]) => [asked.format, Object.keys(asked.content)])).toEqual([
      ["message", ["text"]],
      ["survey", ["surveyId"]],
    ]);
  });

  it("cannot be left in the middle of copying one's own version", async () => {
    const copied = later<() => void>();
    const onClose = vi.fn();
    const { wrapper } = editing({});
    render(<Comparison title="Two" theirs={campaign} rows={[]} copyMine={() => copied.promise} onClose={onClose} />, {
      wrapper,
    });
    await userEvent.click(screen.getByRole("button", { name: /copy/i }));
    await userEvent.keyboard("{Escape}");
    const go = vi.fn();
    await act(async () => {
      copied.resolve(go);
      await copied.promise;
    });
    expect([onClose.mock.calls.length, go.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("an image", () => {
  it("hands the focus on from button to button, as each goes", async () => {
    const stored = later<{ url: string }>();
    const { wrapper } = editing({ uploadImage: () => stored.promise });
    const fields = { ...fieldsOf(campaign), imageUrl: "", imageAlt: "" };
    const card = { fields, setImage: vi.fn(), pointer: () => "/content/imageUrl" } as unknown as CardInForm;
    render(<ImageField card={card} />, { wrapper });
    const input = document.querySelector<HTMLInputElement>("input[type=file]");
    act(() => screen.getByRole("button", { name: /upload/i }).focus());
    fireEvent.change(input as HTMLInputElement, {
      target: { files: [new File(["x"], "x.png", { type: "image/png" })] },
    });
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Cancel"));
    await act(async () => {
      stored.resolve({ url: "/i/x" });
      await stored.promise;
    });
    await waitFor(() => expect(document.activeElement?.textContent).toMatch(/upload/i));
  });
});

describe("a draft that waits for approval", () => {
  it("is asked about again when it could not be decided", async () => {
    const approval = {
      state: "waiting",
      requestedBy: { id: "b", displayName: "Bob" },
      requestedAt: campaign.updatedAt,
      sendAt: null,
      recipients: 3,
      before: 0,
    };
    const asked = vi.fn(() => Promise.resolve({ ...campaign, approval: null }));
    const { client, wrapper } = stage({
      previewSaved: () => new Promise(() => undefined),
      decide: () => Promise.reject(new ApiError(409, { code: "already_decided" })),
    });
    client.setQueryDefaults(["campaign", "c"], { queryFn: asked });
    renderHook(() => useQuery({ queryKey: ["campaign", "c"], initialData: campaign, staleTime: 60_000 }), { wrapper });
    render(<FrozenDraft campaign={{ ...campaign, approval } as Campaign} />, { wrapper });
    await userEvent.click(screen.getByRole("button", { name: "Approve" }));
    const dialog = within(screen.getByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "Approve" }));
    await waitFor(() => expect(dialog.getByRole("button", { name: "Cancel" }).hasAttribute("disabled")).toBe(false));
    expect(asked).not.toHaveBeenCalled();
    await userEvent.click(dialog.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  });
});
