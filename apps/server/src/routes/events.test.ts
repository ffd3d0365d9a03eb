import { afterEach, beforeEach, expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { createApp } from "../create-app.ts";

let store: TelemetryPool;

beforeEach(() => {
  store = createPool("sqlite://:memory:");
});

afterEach(() => store.close());

async function post(body: unknown, type = "application/json") {
  const response = await createApp({ store }).request("/api/events", {
    method: "POST",
    headers: { "content-type": type },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

async function list(parameters = "") {
  const response = await createApp({ store }).request(`/api/events${parameters}`);
  return { status: response.status, json: JSON.parse(await response.text()) };
}

const login = { id: "e1", event_type: "login", data: { ok: true }, session: "s1", timestamp: 1000 };

test("an event is stored and comes back as it was sent", async () => {
  expect(await post(login)).toEqual({ status: 201, json: { id: "e1", duplicate: false } });
  expect(await post(login)).toEqual({ status: 200, json: { id: "e1", duplicate: true } });
  expect(await list()).toEqual({ status: 200, json: { items: [login], next_cursor: null } });
});

test("an event needs no more than its type", async () => {
  expect((await post({ event_type: "start" })).status).toBe(201);
  const { json } = await list();
  expect(json.items).toEqual([
    { id: expect.any(String), event_type: "start", data: {}, session: null, timestamp: expect.any(Number) },
  ]);
});

test("a list is stored as a whole, or not at all", async () => {
  const { status, json } = await post([login, { event_type: "logout" }]);
  expect({ status, accepted: json.accepted, ids: json.ids.length }).toEqual({ status: 201, accepted: 2, ids: 2 });
  expect(await post([{ event_type: "x" }, { event_type: "" }])).toMatchObject({
    status: 400,
    json: { field: "[1].event_type", detail: "[1].event_type must not be empty" },
  });
  expect((await list()).json.items).toHaveLength(2);
});

test("lines are stored one by one", async () => {
  const body = `${JSON.stringify(login)}\n{"event_type":7}\n{"type":"x"}\n`;
  expect(await post(body, "application/x-ndjson")).toMatchObject({
    status: 201,
    json: {
      accepted: 1,
      rejected: 2,
      errors: [
        { line: 2, field: "event_type", detail: "event_type must be a string (got number)" },
        { line: 3, field: "type", detail: "type is not known; did you mean event_type?" },
      ],
    },
  });
});

for (const [what, body, field] of [
  ["an event without a type", {}, "event_type"],
  ["a type by its name in TypeScript", { type: "login" }, "type"],
  ["data that is no object", { event_type: "x", data: [1] }, "data"],
  ["a session that is a number", { event_type: "x", session: 1 }, "session"],
  ["a field that is not known", { event_type: "x", member: "m" }, "member"],
] as const) {
  test(`${what} is refused in the client's words`, async () => {
    const { status, json } = await post(body);
    expect({ status, field: json.field }).toEqual({ status: 400, field });
    expect(json.detail).toStartWith(field);
  });
}

test("events are narrowed by type, session and time, and come in pages", async () => {
  await post([
    login,
    { id: "e2", event_type: "login", session: "s2", timestamp: 2000 },
    { id: "e3", event_type: "logout", session: "s1", timestamp: 3000 },
  ]);
  const ids = async (parameters: string) => (await list(parameters)).json.items.map(({ id }: { id: string }) => id);
  expect(await ids("")).toEqual(["e3", "e2", "e1"]);
  expect(await ids("?event_type=login")).toEqual(["e2", "e1"]);
  expect(await ids("?session=s1")).toEqual(["e3", "e1"]);
  expect(await ids("?event_type=login&session=s1")).toEqual(["e1"]);
  expect(await ids("?from=2000&to=1970-01-01T00:00:03Z")).toEqual(["e2"]);
  const first = (await list("?limit=2")).json;
  expect(await ids(`?limit=2&cursor=${first.next_cursor}`)).toEqual(["e1"]);
});
