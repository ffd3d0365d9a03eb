/**
 * Connecting to one of several servers: each is tried in turn, with a time limit of its own, until one takes us.
 *
 * A connection that arrives after its limit, or after the caller has given up, is closed by `open` itself: its signal
 * has fired. The error of a single host is told as it is; of several, the first one's, with all of them as the cause.
 */
import type { ErrorClass } from "../driver/driver.ts";
import { type ErrorCode, TelepoolError } from "../errors.ts";
import { type ServerHost, showHost } from "./server-host.ts";

/** What connecting needs. */
export interface Attempt<C> {
  /** Opens a connection, or rejects; `signal` fires when it is no longer wanted. */
  open(host: ServerHost, signal: AbortSignal): Promise<C>;
  classify(error: unknown): ErrorClass;
  /** How long one host may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** @throws TelepoolError what the first host said, or `CONNECT_FAILED` */
export async function connectToFirst<C>(
  hosts: readonly ServerHost[],
  attempt: Attempt<C>,
  signal: AbortSignal,
): Promise<C> {
  const failures: TelepoolError[] = [];
  for (const host of hosts) {
    try {
      return await connectTo(host, attempt, signal);
    } catch (error) {
      failures.push(asConnectError(error, attempt, host));
      if (signal.aborted) break;
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === 1) throw first;
  const tried = failures.map(({ message }) => message).join("; ");
  throw new TelepoolError(commonCode(failures), `none of ${failures.length} hosts took the connection: ${tried}`, {
    cause: new AggregateError(failures),
  });
}

async function connectTo<C>(host: ServerHost, attempt: Attempt<C>, signal: AbortSignal): Promise<C> {
  const limit = new AbortController();
  const giveUp = () => limit.abort(signal.reason);
  const timer = setTimeout(() => limit.abort(timeoutError(attempt.timeoutMs)), attempt.timeoutMs);
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await attempt.open(host, limit.signal);
  } catch (error) {
    throw limit.signal.aborted && limit.signal.reason instanceof TelepoolError ? limit.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

function timeoutError(timeoutMs: number): TelepoolError {
  return new TelepoolError("CONNECT_FAILED", `the server did not answer within ${timeoutMs} ms`);
}

/** A failure to connect as such: a connection that is lost before it is there has not been lost. */
function asConnectError(error: unknown, { classify }: Attempt<unknown>, host: ServerHost): TelepoolError {
  const { code, message } = error instanceof TelepoolError ? error : classify(error);
  const cause = error instanceof TelepoolError ? error.cause : error;
  const known: ErrorCode = code === "CONNECTION_LOST" || code === "STATEMENT_FAILED" ? "CONNECT_FAILED" : code;
  const field = error instanceof TelepoolError && error.field !== undefined ? { field: error.field } : {};
  return new TelepoolError(known, `${showHost(host)}: ${message}`, {
    ...field,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The code that all failures share; where they differ, another attempt may end better. */
function commonCode(failures: readonly TelepoolError[]): ErrorCode {
  const [first, ...others] = failures;
  return first !== undefined && others.every(({ code }) => code === first.code) ? first.code : "CONNECT_FAILED";
}

/** In any order, so that many programs do not all turn to the first. */
export function inRandomOrder<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
