/** Any number of rows in one request, in bounded memory. */
import { either } from "./either-signal.ts";
import { LineStream, type Rows } from "./line-stream.ts";
import type { EventInput, Problem, ProfileInput, StoredLines } from "./rows.ts";

/** What each kind of row looks like. */
export interface RowsByKind {
  readonly profiles: ProfileInput;
  readonly events: EventInput;
}

/** How lines are sent. */
export interface StoreLinesOptions {
  /** Whether the body is compressed, which holds rows of a slow source back for longer; off by default. */
  readonly gzip?: boolean;
  /** Whether the body is collected before it is sent. Browsers cannot stream one: there it is the default. */
  readonly collect?: boolean;
  /** Ends the request; rows that had arrived may be stored. */
  readonly signal?: AbortSignal;
}

/** What became of the lines. `error` tells too how many were stored before the failure. */
export type StoreLinesResult =
  | { readonly data: StoredLines; readonly error?: never; readonly response: Response }
  | { readonly data?: never; readonly error: Problem; readonly response: Response };

/** The part of openapi-fetch that sends lines. */
export type PostLines = (path: string, init: object) => Promise<StoreLinesResult>;

/** Sends lines; what the rows throw is thrown. */
export async function storeLines<Kind extends keyof RowsByKind>(
  post: PostLines,
  kind: Kind,
  rows: Rows<RowsByKind[Kind]>,
  { gzip = false, collect = isBrowser(), signal }: StoreLinesOptions,
): Promise<StoreLinesResult> {
  const lines = new LineStream(rows);
  const done = new AbortController();
  try {
    const body = gzip ? lines.stream.pipeThrough(new CompressionStream("gzip")) : lines.stream;
    return await post(`/api/${kind}`, {
      body: collect ? await new Response(body).blob() : body,
      bodySerializer: (given: unknown) => given,
      headers: { "content-type": "application/x-ndjson", ...(gzip ? { "content-encoding": "gzip" } : {}) },
      duplex: "half",
      signal: either(done.signal, signal),
    });
  } catch (error) {
    throw lines.failure ?? error;
  } finally {
    // The answer may have come before the end of the rows. Node loses an abort in the same turn.
    lines.end();
    setTimeout(() => done.abort());
  }
}

function isBrowser(): boolean {
  return globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true;
}
