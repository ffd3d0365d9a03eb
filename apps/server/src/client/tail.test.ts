/** The tail's ways of coming back, with connections and a clock that the tests make. */
import { expect, test } from "bun:test";
import { ProblemError } from "./problem-error.ts";
import { followTail, type TailOptions } from "./tail.ts";
import type { TailMessage } from "./tail-messages.ts";

/** What a connection brings: its text, then its end, or an error, or silence. */
interface Connection {
  readonly text?: string;
  readonly ending?: "end" | "silence" | Error;
  /** What opening it says instead. */
  readonly refused?: unknown;
}

function message(type: string, id: number, data: object = {}): string {
  return `id: e-${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function bodyOf({ text = "", ending = "end" }: Connection): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text));
      if (ending === "end") controller.close();
    },
    pull: (controller) => (ending instanceof Error ? controller.error(ending) : new Promise(() => {})),
  });
}

/** Follows through these connections, and stops when there are no more. */
async function follow(connections: readonly Connection[], options: TailOptions = {}) {
  const left = [...connections];
  const end = new AbortController();
  const seen: TailMessage[] = [];
  const places: (string | undefined)[] = [];
  const waits: number[] = [];
  const reasons: unknown[] = [];
  const open = new Set<AbortSignal>();
  const leftOpen: number[] = [];
  const messages = followTail(
    {
      open: async (place, signal) => {
        places.push(place);
        leftOpen.push(open.size);
        const connection = left.shift();
        if (connection === undefined) {
          end.abort();
          throw new Error("there is no server any more");
        }
        if (connection.refused !== undefined) throw connection.refused;
        open.add(signal);
        signal.addEventListener("abort", () => open.delete(signal));
        return bodyOf(connection);
      },
      sleep: async (ms) => {
        waits.push(ms);
      },
      random: () => 1,
    },
    { signal: end.signal, onReconnect: (reason) => reasons.push(reason), ...options },
  );
  for await (const one of messages) seen.push(one);
  return { seen, places, waits, reasons, leftOpen };
}

function refusal(status: number, headers: Record<string, string> = {}): ProblemError {
  return new ProblemError(new Response(null, { status, headers }), { code: "X", detail: "it says no" });
}

test("each kind of message comes with its id", async () => {
  const profile = { id: "p", member: "m" };
  const event = { id: "e", event_type: "login" };
  const text = [
    "retry: 2000\n",
    message("ready", 1),
    message("profile", 2, profile),
    message("event", 3, event),
    message("missed", 4, { rows: 7 }),
    'event: missed\ndata: {"rows":null}\n\n',
  ].join("");
  const { seen } = await follow([{ text }]);
  expect(seen).toEqual([
    { type: "ready", id: "e-1" },
    { type: "profile", id: "e-2", row: profile },
    { type: "event", id: "e-3", row: event },
    { type: "missed", id: "e-4", rows: 7 },
    { type: "missed", id: undefined, rows: null },
  ] as unknown as TailMessage[]); // rows of fewer fields
});

test("a connection that ended is closed, and followed by one from the last message on", async () => {
  const { places, leftOpen } = await follow([
    { text: message("ready", 1) + message("profile", 2) },
    { text: message("ready", 2), ending: new Error("the line broke") },
    { text: 'event: missed\ndata: {"rows":null}\n\n' },
  ]);
  expect(places).toEqual([undefined, "e-2", "e-2", "e-2"]);
  expect(leftOpen).toEqual([0, 0, 0, 0]);
});

test("a message that this version does not know is left out", async () => {
  const { seen } = await follow([{ text: message("session", 5) + message("ready", 6) }]);
  expect(seen).toEqual([{ type: "ready", id: "e-6" }]);
});

test("a tail begins where its caller was", async () => {
  expect((await follow([{}], { lastEventId: "e-9" })).places[0]).toBe("e-9");
});

test("a server that is silent for too long is left", async () => {
  const { places, reasons } = await follow([{ text: message("ready", 1), ending: "silence" }, {}], {
    idleTimeoutMs: 1,
  });
  expect(places).toEqual([undefined, "e-1", "e-1"]);
  expect(String(reasons[0])).toContain("silent for 1 ms");
});

test("waits grow while nothing comes, as the server wishes, and begin anew when something has", async () => {
  const down = { refused: new TypeError("fetch failed") };
  const { waits } = await follow([
    { text: `retry: 1000\n${message("ready", 1)}` },
    down,
    down,
    { text: message("ready", 1) },
  ]);
  expect(waits).toEqual([1000, 2000, 4000, 1000]);
});

test("no wait is longer than half a minute, unless the server wants it", async () => {
  const down = { refused: new TypeError("fetch failed") };
  const { waits } = await follow([{}, ...Array(8).fill(down), { refused: refusal(503, { "retry-after": "120" }) }]);
  expect(Math.max(...waits.slice(0, -1))).toBe(30_000);
  expect(waits.at(-1)).toBe(120_000);
});

test("the first connection must succeed", async () => {
  const reason = new TypeError("fetch failed");
  await expect(follow([{ refused: reason }])).rejects.toBe(reason);
  await expect(follow([{ refused: refusal(503) }])).rejects.toMatchObject({ status: 503 });
});

test("a refusal for good ends the tail, one that passes does not", async () => {
  await expect(follow([{}, { refused: refusal(401) }])).rejects.toThrow("the server answered 401 X: it says no");
  const passing = await follow([{}, { refused: refusal(429) }, { refused: refusal(408) }, { refused: refusal(502) }]);
  expect(passing.reasons).toHaveLength(4);
});

test("a signal that has fired before is heard before anything is opened", async () => {
  const { seen, places } = await follow([{}], { signal: AbortSignal.abort() });
  expect({ seen, places }).toEqual({ seen: [], places: [] });
});
