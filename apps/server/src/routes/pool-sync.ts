/**
 * The copy in object storage, brought up to date by `GET` or `POST`. A request waits for the end of it as long as it likes, and
 * otherwise learns how far it is: the sync goes on without it. 501 while none is configured.
 */
import { isTelepoolError, type SyncResult, type SyncStatus, TelepoolError } from "@telepool/core";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { holdConnection } from "../http/hold-connection.ts";
import { HttpError } from "../http/http-error.ts";
import { query } from "../http/query.ts";
import { optional, whole } from "../http/query-schemas.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";
import { inSettingWords, type SettingWords, statusInSettingWords } from "../sync/setting-words.ts";
import { SyncRuns } from "../sync/sync-runs.ts";

const DEFAULT_WAIT_S = 10;
const MAX_WAIT_S = 60;

const syncQuery = v.strictObject({ wait: optional(whole(0, MAX_WAIT_S)) });

export function poolSyncRoutes(deps: RouteDeps, access: Access): Hono {
  const { store } = deps;
  const runs = new SyncRuns(() => store.syncToR2());
  const told = describe({
    scope: "admin",
    tag: "Store",
    summary: "Copy to object storage what is new, and wait for it",
    description:
      "200 tells that everything which was stored before the request is in the bucket; 202 that the sync goes on. GET does the same as POST, for a browser and `curl`.",
    answers: { 200: shapes.syncAnswer, 202: shapes.syncUnderWay },
    errors: [409, 501, 502, 503],
  });
  const allowed = access.allow("admin");
  const checked = query(syncQuery);
  return new Hono()
    .get("/pool-sync", told, allowed, checked, async (c) => {
      if (c.req.raw.method === "HEAD") return c.body(null, 200); // only looks
      return await synced(c, deps, runs, c.req.valid("query").wait);
    })
    .post("/pool-sync", told, allowed, checked, (c) => synced(c, deps, runs, c.req.valid("query").wait));
}

async function synced(
  c: Context,
  { store, draining, limits, settingWords }: RouteDeps,
  runs: SyncRuns,
  waitS: number = DEFAULT_WAIT_S,
): Promise<Response> {
  if (store.stats().sync === undefined) throw notConfigured();
  const release = holdConnection(c);
  try {
    const patience = AbortSignal.any([AbortSignal.timeout(waitS * 1000), draining, c.req.raw.signal]);
    const result = await Promise.race([runs.run(), aborted(patience)]);
    if (result !== undefined) return c.json(resultJson(result));
    if (draining.aborted) throw new TelepoolError("POOL_CLOSED", "the server is shutting down");
    const { sync } = store.stats();
    if (sync === undefined) throw notConfigured();
    return c.json(underWay(statusInSettingWords(sync, settingWords)), 202);
  } catch (error) {
    throw inWordsOfAdmin(error, settingWords);
  } finally {
    release(limits.requestTimeoutS);
  }
}

/** Member by member: what the package may add some day is not the interface's. */
function resultJson({ source, sequence, objects, rows, bytes, durationMs }: SyncResult): SyncResult {
  return { source, sequence, objects, rows, bytes, durationMs };
}

/** One is under way, even if others have their turn before it. */
function underWay({ state, progress, lastError }: SyncStatus): Pick<SyncStatus, "state" | "progress" | "lastError"> {
  return { state: state === "idle" || state === "held" ? "syncing" : state, progress, lastError };
}

/** Whoever may copy may know why it fails: which setting is wrong, and what the storage said. */
function inWordsOfAdmin(error: unknown, words: SettingWords): unknown {
  if (!isTelepoolError(error)) return error;
  const named = inSettingWords(error, words);
  // Elsewhere this code is about the server's own files and database, of which a client learns nothing.
  return named.code === "PERMISSION_DENIED" ? new HttpError(502, named.code, named.message) : named;
}

function notConfigured(): TelepoolError {
  const text = "no sync is configured: this server copies nothing to object storage (TELEPOOL_R2_BUCKET)";
  return new TelepoolError("NOT_SUPPORTED", text);
}

/** Resolves with nothing when the signal fires. */
function aborted(signal: AbortSignal): Promise<SyncResult | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise;
}
