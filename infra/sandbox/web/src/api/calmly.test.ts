import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { calmly } from "./calmly";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("answers a burst of 20 000 asks with one action now and one later", async () => {
  const action = vi.fn();
  const calm = calmly(action, 500);
  for (let asks = 0; asks < 20_000; asks += 1) calm.ask();
  expect(action).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(100);
  expect(action).toHaveBeenCalledTimes(1);
  for (let asks = 0; asks < 20_000; asks += 1) calm.ask();
  await vi.advanceTimersByTimeAsync(5000);
  expect(action).toHaveBeenCalledTimes(2);
});

it("waits for an action that takes long, even a failing one", async () => {
  let fail: () => void = () => undefined;
  const action = vi.fn(
    () =>
      new Promise<void>((_, reject) => {
        fail = () => reject(new Error("no answer"));
      }),
  );
  const calm = calmly(action, 500);
  calm.ask();
  await vi.advanceTimersByTimeAsync(100);
  calm.ask();
  await vi.advanceTimersByTimeAsync(5000);
  expect(action).toHaveBeenCalledTimes(1);
  fail();
  await vi.advanceTimersByTimeAsync(1000);
  expect(action).toHaveBeenCalledTimes(2);
});

it("does nothing once cancelled, and works when asked anew", async () => {
  const action = vi.fn();
  const calm = calmly(action, 500);
  calm.ask();
  calm.cancel();
  await vi.advanceTimersByTimeAsync(5000);
  expect(action).not.toHaveBeenCalled();
  calm.ask();
  await vi.advanceTimersByTimeAsync(100);
  expect(action).toHaveBeenCalledTimes(1);
});
