import { beforeEach, expect, it, vi } from "vitest";
import { MockCloud } from "../test/MockCloud";
import { ChatFeed } from "./ChatFeed";

let cloud: MockCloud;
beforeEach(() => {
  cloud = new MockCloud();
  cloud.install();
});

const open = () => cloud.streams.filter((one) => !one.closed).map((one) => one.url);
const refresher = () => vi.fn(() => Promise.resolve());

it("follows all chats with one stream", async () => {
  const feed = new ChatFeed();
  const [a, b, c] = [refresher(), refresher(), refresher()];
  const leave = [feed.follow("b", b), feed.follow("a", a), feed.follow("a", c)];
  await vi.waitFor(() => expect(open()).toEqual(["/api/chats/events?user=a&user=b"]));
  cloud.stream("/api/chats/events?user=a&user=b").say("chat", { user: "a" });
  await vi.waitFor(() => expect(c).toHaveBeenCalledTimes(1));
  expect(a).toHaveBeenCalledTimes(1);
  expect(b).not.toHaveBeenCalled();

  leave[2]?.();
  leave[1]?.();
  await vi.waitFor(() => expect(open()).toEqual(["/api/chats/events?user=b"]));
  cloud.stream("/api/chats/events?user=b").open();
  await vi.waitFor(() => expect(b).toHaveBeenCalledTimes(1));
  leave[0]?.();
  await vi.waitFor(() => expect(open()).toEqual([]));
});
