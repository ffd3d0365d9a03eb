/**
 * Takes rows in: one, which joins whatever else is being written; a list, of which all are stored or none; or lines of
 * JSON without an end, of which the bad ones are told by number.
 *
 * The body of a list counts against the budget until its rows are stored, that of a single row only while it is read:
 * from then on it is in the store's queue, which has a limit of its own. Lines are never held beyond a transaction's worth.
 */
import { type ImportResult, type RejectedLine, TelepoolError } from "@telepool/core";
import type { Context, Handler } from "hono";
import type { RouteDeps } from "../app-deps.ts";
import { bodyBytes } from "../body/body-bytes.ts";
import { bodyType, readJson } from "../body/json-body.ts";
import { holdConnection } from "../http/hold-connection.ts";
import { HttpError } from "../http/http-error.ts";
import { inClientsWords, problemResponse } from "../http/problem.ts";
import { timingOf } from "../observability/server-timing.ts";
import type { RowSink } from "./row-sink.ts";

/** The most rows in one list: so many are checked and written without keeping others waiting for long. */
export const MAX_ROWS_IN_LIST = 10_000;
/** The most rejected lines that an answer names; beyond, they are only counted. */
export const MAX_LISTED_ERRORS = 10_000;

/** A handler for `POST` of one kind of row. */
export function ingestHandler<Input>(sink: RowSink<Input>, deps: RouteDeps): Handler {
  return async (c) => {
    if (bodyType(c.req.raw.headers) === "ndjson") return await takeLines(c, sink, deps);
    using share = deps.budget.share();
    const body = await readJson(c, deps.limits, share);
    if (Array.isArray(body)) return await takeList(c, sink, body);
    share[Symbol.dispose]();
    const wait = false; // when the queue is full the client waits, not the server's memory
    const { id, duplicate } = await sink.add(sink.toInput(body, ""), { wait, timing: timingOf(c) });
    return c.json({ id, duplicate }, duplicate ? 200 : 201);
  };
}

async function takeList<Input>(c: Context, sink: RowSink<Input>, body: readonly unknown[]): Promise<Response> {
  if (body.length > MAX_ROWS_IN_LIST) {
    const text = `the body has ${body.length} ${sink.rows}; at most ${MAX_ROWS_IN_LIST} are taken in a list, any number as application/x-ndjson`;
    throw new TelepoolError("INVALID_ARGUMENT", text);
  }
  const inputs = body.map((sent, position) => sink.toInput(sent, `[${position}].`));
  const { ids, duplicates } = await sink.insert(inputs, { timing: timingOf(c) });
  const accepted = ids.length - duplicates.length;
  return c.json({ accepted, duplicate: duplicates.length, rejected: 0, ids, duplicates }, accepted > 0 ? 201 : 200);
}

async function takeLines<Input>(
  c: Context,
  sink: RowSink<Input>,
  { limits, draining, log, imports }: RouteDeps,
): Promise<Response> {
  using _ = imports.enter();
  const release = holdConnection(c);
  const errors: LineError[] = [];
  let omitted = 0;
  let progress: ImportResult = { read: 0, stored: 0, duplicates: 0, rejected: 0 };
  const report = () => ({
    accepted: progress.stored,
    duplicate: progress.duplicates,
    rejected: errors.length + omitted,
    errors,
    ...(omitted === 0 ? {} : { errors_omitted: omitted }),
  });
  try {
    progress = await sink.importLines(bodyBytes(c.req.raw, { idleMs: limits.idleMs, draining }), {
      toRow: (sent) => sink.toInput(sent, ""),
      onProgress: (now) => {
        progress = now;
      },
      onRejected: (rejected) => {
        if (errors.length < MAX_LISTED_ERRORS) errors.push(lineError(rejected));
        else omitted++;
      },
      maxLineBytes: limits.maxBodyBytes,
      timing: timingOf(c),
    });
  } catch (error) {
    return problemResponse(c, error, log, report());
  } finally {
    release(limits.requestTimeoutS);
  }
  const nothingGood = errors.length > 0 && progress.stored + progress.duplicates === 0;
  if (nothingGood) throw new HttpError(422, "ALL_REJECTED", "no line could be stored; see errors", {}, report());
  return c.json(report(), progress.stored > 0 ? 201 : 200);
}

/** A line that was refused, as the client is told of it. */
interface LineError {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
}

function lineError({ line, code, message, field }: RejectedLine): LineError {
  return { line, code, ...inClientsWords(message, field) };
}
