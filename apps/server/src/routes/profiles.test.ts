import { afterEach, beforeEach, expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { failingStore } from "../../test/failing-store.ts";
import { createApp } from "../create-app.ts";

const profile = { session: "s1", member: "nolarose", document: "readme.md", profile: { latencyMs: 2.5 } };

let store: TelemetryPool;

beforeEach(() => {
  store = createPool("sqlite://:memory:");
});

afterEach(() => store.close());

async function post(body: unknown, headers: Record<string, string> = {}, maxBodyBytes = 100_000) {
  const response = await createApp({ store, limits: { maxBodyBytes } }).request("/api/profiles", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body:
      typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream
        ? body
        : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
}

const storedCount = async () => (await store.getSession("s1"))?.profileCount ?? 0;

test("one profile is stored, and its id comes back", async () => {
  const { status, json } = await post(profile);
  expect(status).toBe(201);
  expect(json).toEqual({ id: expect.any(String), duplicate: false });
  expect(await store.getProfile(json.id)).toMatchObject(profile);
});

test("a profile may bring its id and time; sent again it is a duplicate, not an error", async () => {
  const mine = { ...profile, id: "mine", timestamp: 1_700_000_000_000 };
  expect((await post(mine)).status).toBe(201);
  expect(await post(mine)).toMatchObject({ status: 200, json: { id: "mine", duplicate: true } });
  expect(await store.getProfile("mine")).toEqual(mine);
  expect(await storedCount()).toBe(1);
});

test("many profiles are stored together, and those that were there are named", async () => {
  await post({ ...profile, id: "old" });
  const { status, json } = await post([{ ...profile, id: "new" }, { ...profile, id: "old" }, profile]);
  expect(status).toBe(201);
  expect(json).toEqual({
    accepted: 2,
    duplicate: 1,
    rejected: 0,
    ids: ["new", "old", expect.any(String)],
    duplicates: ["old"],
  });
  expect(await storedCount()).toBe(3);
});

test("where nothing new was stored the status is 200", async () => {
  await post({ ...profile, id: "old" });
  expect(await post([{ ...profile, id: "old" }])).toMatchObject({ status: 200, json: { duplicates: ["old"] } });
  expect(await post([])).toMatchObject({ status: 200, json: { ids: [], duplicates: [] } });
});

test("one bad profile among many keeps all of them out", async () => {
  const deep = { ...profile, profile: { a: [{ b: "\0" }] } };
  const { status, json } = await post([profile, profile, profile, deep]);
  expect(status).toBe(400);
  expect(json).toMatchObject({
    code: "INVALID_PROFILE",
    field: "[3].profile.a[0].b",
    detail: "[3].profile.a[0].b holds a NUL character, which PostgreSQL cannot store",
  });
  expect(await storedCount()).toBe(0);
});

const refused: [what: string, body: unknown, code: string, field: string | undefined, detail: string][] = [
  ["a missing member", { ...profile, member: undefined }, "INVALID_ARGUMENT", "member", "member must be a string"],
  ["an empty session", { ...profile, session: "" }, "INVALID_ARGUMENT", "session", "session must not be empty"],
  [
    "a field that is not known",
    { ...profile, sessionId: "x" },
    "INVALID_ARGUMENT",
    "sessionId",
    "sessionId is not known",
  ],
  [
    "a profile that is no object",
    { ...profile, profile: [1] },
    "INVALID_PROFILE",
    "profile",
    "profile must be a JSON object",
  ],
  [
    "a time that is no whole number",
    { ...profile, timestamp: 1.5 },
    "INVALID_ARGUMENT",
    "timestamp",
    "timestamp must be a whole number",
  ],
  [
    "a number too large for a double",
    '{"profile":{"x":1e400},"session":"s","member":"m","document":"d"}',
    "INVALID_PROFILE",
    "profile.x",
    "profile.x is Infinity",
  ],
  [
    "a prototype as a field",
    '{"__proto__":{"session":"s"}}',
    "INVALID_ARGUMENT",
    "__proto__",
    "__proto__ is not known",
  ],
  ["a text for a body", '"profile"', "INVALID_ARGUMENT", undefined, "the body must be an object"],
  ["null for a body", "null", "INVALID_ARGUMENT", undefined, "the body must be an object"],
  ["an unknown field in a list", [profile, { ...profile, x: 1 }], "INVALID_ARGUMENT", "[1].x", "[1].x is not known"],
  ["a list in a list", [[profile]], "INVALID_ARGUMENT", "[0]", "[0] must be an object"],
  [
    "more profiles than are taken at once",
    Array(10_001).fill(0),
    "INVALID_ARGUMENT",
    undefined,
    "the body has 10001 profiles",
  ],
];

for (const [what, body, code, field, detail] of refused) {
  test(`${what} is refused in the client's words`, async () => {
    const { status, json } = await post(body);
    expect({ status, code: json.code, field: json.field }).toEqual({ status: 400, code, field });
    expect(json.detail).toStartWith(detail);
    expect(await storedCount()).toBe(0);
  });
}

test("what a client names a field is not repeated at length", async () => {
  const { json } = await post({ ...profile, ["x".repeat(50_000)]: 1 });
  expect(JSON.stringify(json).length).toBeLessThan(1000);
});

const notJson: [what: string, body: string | Uint8Array][] = [
  ["an empty body", ""],
  ["half an object", "{"],
  ["JavaScript", "{'a':1}"],
  ["a comma too many", "[1,]"],
  ["text that is not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
];

for (const [what, body] of notJson) {
  test(`${what} is not JSON`, async () => {
    expect(await post(body)).toMatchObject({ status: 400, json: { code: "INVALID_JSON" } });
  });
}

for (const type of [
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json; charset=latin1",
  "application/jsonx",
  "",
]) {
  test(`a body of the type ${JSON.stringify(type)} is not taken`, async () => {
    expect(await post(profile, { "content-type": type })).toMatchObject({ status: 415 });
  });
}

for (const type of ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']) {
  test(`a body of the type ${type} is taken`, async () => {
    expect((await post(profile, { "content-type": type })).status).toBe(201);
  });
}

test("a compressed body is taken, and measured by what it holds", async () => {
  const packed = (body: unknown) => Bun.gzipSync(JSON.stringify(body));
  expect(await post(packed(profile), { "content-encoding": "gzip" })).toMatchObject({ status: 201 });
  expect(await post(packed(profile), { "content-encoding": "GZIP" })).toMatchObject({ status: 201 });
  const bomb = packed({ ...profile, profile: { zeros: "0".repeat(5_000_000) } });
  expect(bomb.length).toBeLessThan(10_000);
  expect(await post(bomb, { "content-encoding": "gzip" })).toMatchObject({
    status: 413,
    json: { code: "BODY_TOO_LARGE" },
  });
});

test("a compressed body that is damaged or cut is refused as what it is", async () => {
  const packed = Bun.gzipSync(JSON.stringify(profile));
  const refused = { status: 400, json: { code: "INVALID_ENCODING" } };
  expect(await post(packed.slice(0, -4), { "content-encoding": "gzip" })).toMatchObject(refused);
  expect(await post(packed.fill(7, 12, 20), { "content-encoding": "gzip" })).toMatchObject(refused);
  expect(await post(profile, { "content-encoding": "gzip" })).toMatchObject(refused);
  expect(await storedCount()).toBe(0);
});

test("an encoding that is not known is refused with those that are", async () => {
  const { status, headers } = await post(profile, { "content-encoding": "br" });
  expect(status).toBe(415);
  expect(headers.get("accept-encoding")).toBe("gzip, deflate, identity");
});

test("a body that says it is too large is refused unread", async () => {
  const { status, headers, json } = await post(profile, { "content-length": "100001" });
  expect(status).toBe(413);
  expect(json.code).toBe("BODY_TOO_LARGE");
  expect(headers.get("connection")).toBe("close");
});

test("a body that does not say its size is refused where it passes the limit", async () => {
  let chunks = 0;
  const long = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(10_000));
      if (++chunks === 1000) controller.close();
    },
  });
  expect((await post(long)).status).toBe(413);
  expect(chunks).toBeLessThan(20);
});

test("a body of exactly the limit is taken", async () => {
  const body = JSON.stringify(profile);
  expect((await post(body, {}, body.length)).status).toBe(201);
  expect((await post(body, {}, body.length - 1)).status).toBe(413);
});

test("a full queue sends the client away instead of holding its row", async () => {
  await store.close();
  store = createPool("sqlite://:memory:", { writeQueue: { maxQueueRows: 1 } });
  const answers = await Promise.all([post(profile), post(profile), post(profile)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 503, 503]);
  expect(answers.find(({ status }) => status === 503)?.headers.get("retry-after")).toBe("1");
});

/** An app that stores nothing before `store` is called, and the way to send it a body. */
function slowApp(maxBytesUnderWay: number) {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  const slow = failingStore(new Error("not here"), {
    addProfile: (row) => released.then(() => store.addProfile(row)),
    insertProfiles: (rows) => released.then(() => store.insertProfiles(rows)),
  });
  const app = createApp({ store: slow, limits: { maxBytesUnderWay, maxBodyBytes: maxBytesUnderWay } });
  const send = async (body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
    await app.request("/api/profiles", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  return { send, store: resolve };
}

const inBytes = (text: string) => ({ "content-length": String(text.length) });

test("lists beyond the budget are sent away unread until those under way are stored", async () => {
  const list = JSON.stringify([profile, profile]);
  const app = slowApp(2 * list.length + 1);
  const underWay = [app.send(list, inBytes(list)), app.send(list, inBytes(list))];
  const unread = new ReadableStream<Uint8Array>({ pull: () => expect.unreachable() }, { highWaterMark: 0 });
  const refused = await app.send(unread, { "content-length": "2" });
  expect(await refused.json()).toMatchObject({ status: 503, code: "QUEUE_FULL" });
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("connection")).toBe("close");
  app.store();
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([201, 201]);
  expect((await app.send(list, inBytes(list))).status).toBe(201);
});

test("a list that does not say its size is refused where the budget ends, and gives back what it took", async () => {
  const list = JSON.stringify(Array(20).fill(profile));
  const app = slowApp(list.length + 10);
  const underWay = app.send(list);
  expect((await app.send(list)).status).toBe(503);
  app.store();
  expect((await underWay).status).toBe(201);
  expect((await app.send(list)).status).toBe(201);
});

test("a single profile counts only while it is read, and a refused body not any longer than that", async () => {
  const one = JSON.stringify(profile);
  const app = slowApp(one.length);
  const underWay = [app.send(one, inBytes(one))];
  await Bun.sleep(0); // its body has been read by now
  expect((await app.send("[", inBytes("["))).status).toBe(400);
  underWay.push(app.send(one, inBytes(one)));
  app.store();
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([201, 201]);
});
