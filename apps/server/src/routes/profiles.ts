/**
 * Takes profiles in: one, which joins whatever else is being written, or many, of which all are stored or none.
 *
 * The body of a list counts against the budget until its rows are stored, that of a single profile only while it is
 * read: from then on it is in the store's queue, which has a limit of its own.
 */
import { type ProfileInput, TelepoolError, type WriteOptions } from "@telepool/core";
import { Hono } from "hono";
import type { AppDeps } from "../app-deps.ts";
import { BodyBudget, MAX_BYTES_UNDER_WAY } from "../body-budget.ts";
import { MAX_BODY_BYTES, readJson } from "../json-body.ts";

/** The most profiles in one request: so many are checked and written without keeping others waiting for long. */
export const MAX_PROFILES_PER_REQUEST = 10_000;

/** When the queue is full the client waits, not the server's memory. */
const REFUSE_WHEN_FULL: WriteOptions = Object.freeze({ wait: false });

export function profileRoutes({
  store,
  maxBodyBytes = MAX_BODY_BYTES,
  maxBytesUnderWay = Math.max(MAX_BYTES_UNDER_WAY, maxBodyBytes),
}: AppDeps): Hono {
  const budget = new BodyBudget(maxBytesUnderWay);
  return new Hono().post("/api/profiles", async (c) => {
    using share = budget.share();
    const body = await readJson(c, maxBodyBytes, share);
    if (!Array.isArray(body)) {
      share[Symbol.dispose]();
      const { id, duplicate } = await store.addProfile(body as ProfileInput, REFUSE_WHEN_FULL); // the store checks it
      return c.json({ id, duplicate }, duplicate ? 200 : 201);
    }
    if (body.length > MAX_PROFILES_PER_REQUEST) {
      throw new TelepoolError(
        "INVALID_ARGUMENT",
        `the body has ${body.length} profiles; at most ${MAX_PROFILES_PER_REQUEST} are taken at once`,
      );
    }
    const { ids, duplicates } = await store.insertProfiles(body);
    return c.json({ ids, duplicates }, duplicates.length < ids.length ? 201 : 200);
  });
}
