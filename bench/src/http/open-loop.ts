/**
 * POSTs at a constant rate, whatever the server does. A request's time counts from when it should have been sent, so that
 * a server which stands still is charged with all who came meanwhile, not with one for each connection (what is called
 * coordinated omission). A request for which no connection is free waits, and its time runs.
 *
 * The generator wakes up every millisecond: what it sends late by itself is in the times, and told beside them.
 */
import { KeepAliveConnection } from "./keep-alive-connection.ts";

/** What is to be sent. */
export interface OpenLoopLoad {
  readonly nextRequest: () => Uint8Array;
  readonly connections: number;
  readonly perSecond: number;
  /** How long requests are sent before they count. */
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** What was found, in milliseconds, one figure for each request that counts. */
export interface OpenLoopTimes {
  /** From when a request should have been sent to its answer. */
  readonly latenciesMs: readonly number[];
  /** From when a request should have been sent to when the generator looked. */
  readonly lateMs: readonly number[];
}

/** When the request number `i` should be sent, from the start. */
export function intendedAt(i: number, perSecond: number): number {
  return (i * 1000) / perSecond;
}

/** Sends them all; rejects if any answer was another than 201, or a connection was lost. */
export async function openLoop(url: URL, load: OpenLoopLoad): Promise<OpenLoopTimes> {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const count = Math.ceil(((load.warmUpMs + load.countedMs) / 1000) * load.perSecond);
  const latenciesMs: number[] = [];
  const lateMs: number[] = [];
  const waiting: number[] = [];
  let firstWaiting = 0;
  let answered = 0;
  let countFromMs = 0;

  const sendAt = (connection: KeepAliveConnection, intendedMs: number): void => {
    connection.intendedMs = intendedMs;
    connection.send();
  };
  const onStored = (connection: KeepAliveConnection): void => {
    if (connection.intendedMs >= countFromMs) latenciesMs.push(performance.now() - connection.intendedMs);
    const next = waiting[firstWaiting];
    if (next === undefined) idle.push(connection);
    else {
      firstWaiting++;
      sendAt(connection, next);
    }
    if (++answered === count) resolve();
  };
  const owner = { nextRequest: load.nextRequest, onStored, onFailed: reject };
  const all = Array.from({ length: load.connections }, () => new KeepAliveConnection(owner));
  const idle = [...all];
  await Promise.all(all.map((connection) => connection.open(url)));

  const startMs = performance.now();
  countFromMs = startMs + load.warmUpMs;
  let next = 0;
  const wakeUp = (): void => {
    const nowMs = performance.now();
    for (; next < count; next++) {
      const intendedMs = startMs + intendedAt(next, load.perSecond);
      if (intendedMs > nowMs) break;
      if (intendedMs >= countFromMs) lateMs.push(nowMs - intendedMs);
      const connection = idle.pop();
      if (connection === undefined) waiting.push(intendedMs);
      else sendAt(connection, intendedMs);
    }
    if (next < count) setTimeout(wakeUp, 1);
  };
  wakeUp();
  await done;
  for (const connection of all) connection.end();
  return { latenciesMs, lateMs };
}
