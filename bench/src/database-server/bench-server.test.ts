import { afterEach, beforeEach, expect, test } from "bun:test";
import type { ThrowawayServer } from "@telepool/test-servers";
import { openServer } from "./bench-server.ts";
import type { Engine } from "./engine.ts";

const VARIABLES = ["TELEPOOL_BENCH_PG_URL", "TELEPOOL_BENCH_DIR"] as const;

let before: readonly (string | undefined)[];
let events: string[];

beforeEach(() => {
  before = VARIABLES.map((name) => process.env[name]);
  for (const name of VARIABLES) delete process.env[name];
  process.env.TELEPOOL_BENCH_DIR = "/"; // not in memory
  events = [];
});

afterEach(() => {
  VARIABLES.forEach((name, position) => {
    const value = before[position];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  });
});

function engine(overrides: Partial<Engine> = {}): Engine {
  return {
    kind: "postgresql",
    unavailable: () => undefined,
    start: async () => {
      events.push(`started in ${process.env.TMPDIR}`);
      const server = { url: "started", [Symbol.asyncDispose]: async () => void events.push("ended") };
      return server as unknown as ThrowawayServer; // what is used of it
    },
    connect: async (url) => {
      events.push(`asked ${url}`);
      return { query: async () => [], close: async () => void events.push("left") };
    },
    weakness: async () => undefined,
    drop: async () => {},
    emptying: [],
    counting: "",
    ...overrides,
  };
}

test("a server is started in the bench's folder, and asked whether it keeps every commit", async () => {
  const server = await openServer(engine());
  expect(server).toMatchObject({ url: "started" });
  expect(events).toEqual(["started in /", "asked started", "left"]);
});

test("a server that would lose commits is refused and ended", async () => {
  const refusal = await openServer(engine({ weakness: async () => "fsync is off" }));
  expect(refusal).toBe("the server does not keep every commit: fsync is off");
  expect(events.at(-1)).toBe("ended");
});

test("a server that does not answer is a reason, and is ended", async () => {
  const refusal = await openServer(engine({ connect: () => Promise.reject(new Error("nobody listens\nthere")) }));
  expect(refusal).toBe("the server does not answer: Error: nobody listens");
  expect(events.at(-1)).toBe("ended");
});

test("a server that does not start is a reason", async () => {
  const refusal = await openServer(engine({ start: () => Promise.reject(new Error("no port")) }));
  expect(refusal).toBe("the server did not start: Error: no port");
});

test("without a server's programs the variable is named that would help", async () => {
  const refusal = await openServer(engine({ unavailable: () => "no postgres on PATH" }));
  expect(refusal).toBe("no postgres on PATH, and TELEPOOL_BENCH_PG_URL is not set");
  expect(events).toEqual([]);
});

test("the server that the variable names is used, and left running", async () => {
  process.env.TELEPOOL_BENCH_PG_URL = "postgres://given/one";
  const server = await openServer(engine({ unavailable: () => "no postgres on PATH" }));
  if (typeof server === "string") return expect.unreachable(server);
  await server[Symbol.asyncDispose]();
  expect(server.url).toBe("postgres://given/one");
  expect(events).toEqual(["asked postgres://given/one", "left"]);
});
