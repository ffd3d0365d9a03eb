/** Asks an app and holds each answer against the document; remembers which of the document's answers were seen. */
import { expect } from "bun:test";
import type { App } from "../../src/create-app.ts";
import { eventExample, profileExample } from "../../src/openapi/examples.ts";
import type { Documented } from "./documented.ts";

/** What a request has beside its method; the path is the operation's own if absent. */
export interface Asked {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

export function json(body: unknown): Asked {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

export function lines(...rows: readonly unknown[]): Asked {
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  return { headers: { "content-type": "application/x-ndjson" }, body };
}

const SPAN = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", name: "parse" };
const TIMES = { startTimeUnixNano: "1795545000000000000", endTimeUnixNano: "1795545001000000000" };
const POINT = { timeUnixNano: TIMES.startTimeUnixNano, asDouble: 1.5 };

/** For each operation that wants more than its path a request that succeeds. */
export const USUAL: Readonly<Record<string, Asked>> = {
  storeProfiles: json(profileExample),
  pruneProfiles: { path: "/api/profiles?before=1" },
  getProfile: { path: `/api/profiles/${profileExample.id}` },
  aggregateProfiles: { path: "/api/aggregate?metric=$.parseMs" },
  getSession: { path: `/api/sessions/${profileExample.session}` },
  storeEvents: json(eventExample),
  queryPool: { path: "/pool-query?member=*" },
  storeTraces: json({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...SPAN, ...TIMES }] }] }] }),
  storeLogs: json({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "parsed" } }] }] }] }),
  storeMetrics: json({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "parse", gauge: { dataPoints: [POINT] } }] }] }],
  }),
};

/** An answer that is as the document says. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Parsed where it is JSON, as text where it is text, of a stream its first piece. */
  readonly body: unknown;
}

export class Witness {
  /** `listProfiles 200 application/json` */
  readonly seen: Set<string> = new Set();
  readonly #documented: Documented;

  constructor(documented: Documented) {
    this.#documented = documented;
  }

  /** Makes a request like the usual one, and expects the answer to be in the document, and to be as it is there. */
  async ask(app: App, id: string, asked: Asked = {}): Promise<Answer> {
    const { method, path: template, answers } = this.#documented.operation(id);
    const { path = template, headers = {}, body } = { ...USUAL[id], ...asked };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const response = await app.fetch(new Request(`http://localhost${path}`, init));
    const { status } = response;
    const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
    const told = answers[status] ?? (status < 500 ? undefined : answers.default); // what a client did wrong is told by its status
    expect(Object.keys(told ?? {}), `${id} answers ${status} with ${type}`).toContain(type);
    this.seen.add(`${id} ${status} ${type}`);
    const read = await readBody(response, type);
    const isBinary = type === "application/x-protobuf";
    if (!isBinary) expect(this.#documented.flaws(told?.[type]?.schema ?? {}, read), `${id} ${status}`).toEqual([]);
    return { status, type, body: read };
  }
}

async function readBody(response: Response, type: string): Promise<unknown> {
  if (type.endsWith("json") && !type.endsWith("ndjson")) return await response.json();
  if (type !== "text/event-stream") return await response.text();
  const reader = response.body?.getReader();
  const piece = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(piece?.value);
}
