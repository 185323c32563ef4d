import { expect, it } from "vitest";
import { readHead } from "./WireHead";

const head = { seq: 7, at: "2026-11-21T09:00:00Z", direction: "to-teams", method: "POST", path: "/a" };
const rest = { status: 201, durationMs: 1.5 };

it("reads a request, and its bodies when asked", () => {
  const path = '/a?q=","request":1';
  const found = readHead(JSON.stringify({ ...head, path, ...rest, request: { request: 1 }, response: null }));
  expect(found).toMatchObject({ ...head, path, ...rest });
  expect(found?.bodies()).toEqual({ request: { request: 1 }, response: null });
});

it("does not read the bodies before", () => {
  const found = readHead(`${JSON.stringify({ ...head, ...rest }).slice(0, -1)},"request":{broken`);
  expect(found).toMatchObject({ ...head, ...rest });
  expect(found?.bodies()).toEqual({ request: null, response: null });
});

it.each(["{}", "", "null", "[1]", '{"seq":"7","path":"/","method":"GET"}'])(
  "takes %j for a hint only",
  (data) => {
    expect(readHead(data)).toBeNull();
  },
);
