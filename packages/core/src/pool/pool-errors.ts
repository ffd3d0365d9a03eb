/**
 * The pool's own errors, each with the state that explains it. No resource and no option's value but sizes and times
 * stands in a message.
 */
import { TelepoolError } from "../errors.ts";
import type { PoolGauges } from "./pool-stats.ts";

function describe({ inUse, idle, creating, waiting, max }: PoolGauges): string {
  return `inUse=${inUse} idle=${idle} creating=${creating} waiting=${waiting} max=${max}`;
}

export function acquireTimeoutError(timeoutMs: number, gauges: PoolGauges, cause: unknown): TelepoolError {
  return new TelepoolError("ACQUIRE_TIMEOUT", `no connection within ${timeoutMs} ms (${describe(gauges)})`, { cause });
}

export function overloadedError(maxWaiting: number, gauges: PoolGauges): TelepoolError {
  return new TelepoolError("POOL_OVERLOADED", `maxWaiting=${maxWaiting} callers wait already (${describe(gauges)})`);
}

export function closedError(name: string): TelepoolError {
  return new TelepoolError("POOL_CLOSED", `pool ${name} is closed`);
}

export function closeTimeoutError(name: string, gauges: PoolGauges, destroying: number): TelepoolError {
  const state = `${describe(gauges)} destroying=${destroying}`;
  return new TelepoolError("CLOSE_TIMEOUT", `pool ${name} did not close in time (${state})`);
}

export function createFailedError(message: string, cause?: unknown): TelepoolError {
  return new TelepoolError("CONNECT_FAILED", message, { cause });
}

/** What a factory's `create` failed with: its own `TelepoolError`, or one that carries what it threw. */
export function failureToCreate(error: unknown): TelepoolError {
  return error instanceof TelepoolError ? error : createFailedError("a resource could not be created", error);
}

export function keepaliveError(): TelepoolError {
  const field = "pool.keepaliveMs";
  return new TelepoolError("INVALID_OPTION", `${field}: needs a factory with a validate function`, { field });
}
