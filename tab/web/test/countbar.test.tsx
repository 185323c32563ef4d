import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api/error";
import { CountBar } from "../src/pages/report/CountBar";
import { ConfirmDialog } from "../src/ui/ConfirmDialog";

const wrapper = ({ children }: { children: React.ReactNode }) => (
  <FluentProvider theme={teamsLightTheme}>{children}</FluentProvider>
);

describe("CountBar", () => {
  it("names every part to those who do not see it", () => {
    const counts = {
      total: 412,
      pending: 0,
      sending: 0,
      sent: 398,
      failed: 0,
      skipped: 14,
      rescheduled: 0,
      cancelled: 0,
      unscheduled: 0,
    };
    render(<CountBar counts={counts} />, { wrapper });
    expect(screen.getByRole("img").getAttribute("aria-label")).toBe("Received: 398, Could not be reached: 14");
    expect(screen.getAllByRole("listitem").map((each) => each.textContent)).toEqual([
      "398Received96.6%",
      "14Could not be reached3.4%",
    ]);
  });
});

describe("ConfirmDialog", () => {
  const dialog = (onConfirm: () => Promise<(() => void) | undefined>, onClose = vi.fn()) => {
    render(
      <ConfirmDialog title="Delete “News”?" confirm="Delete" onConfirm={onConfirm} onClose={onClose}>
        It is gone then.
      </ConfirmDialog>,
      { wrapper },
    );
    return onClose;
  };

  it("closes before what follows", async () => {
    const order: string[] = [];
    const onClose = dialog(
      () =>
        Promise.resolve(() => {
          order.push(`next, dialogs: ${String(screen.queryAllByRole("alertdialog").length)}`);
        }),
      vi.fn(() => order.push("closed")),
    );
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    await vi.waitFor(() => {
      expect(onClose).toHaveBeenCalledTimes(1);
    });
    expect(order).toEqual(["closed", "next, dialogs: 0"]);
  });

  it("stays open and says why when it fails", async () => {
    const onClose = dialog(() => Promise.reject(new ApiError(409, { code: "still_sending" })));
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(await screen.findByText("It is still being sent. Stop it first.")).toBeTruthy();
    expect(onClose).not.toHaveBeenCalled();
  });
});
