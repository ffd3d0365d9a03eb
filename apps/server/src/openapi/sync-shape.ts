/** The shapes of what is told of the copy in object storage: what core's `SyncStatus` and `SyncResult` are. */
import * as v from "valibot";
import { amount, named, text, time, whole } from "./values.ts";

const state = v.pipe(
  v.picklist(["off", "starting", "idle", "syncing", "held", "failing", "stopped"]),
  v.description("`held` while another process copies the same store, `failing` while it is tried again"),
);

const progress = named(
  "SyncProgress",
  v.object({ phase: v.picklist(["checkpoint", "log"]), rows: whole, totalRows: whole }),
  { description: "Rows that were copied, and those that are to be; all of them in the phase `checkpoint`" },
);

const lastError = named("SyncError", v.object({ code: text, message: text, at: time }));

const checkpoint = named(
  "SyncCheckpoint",
  v.object({ key: text, sequence: whole, at: time, rows: whole, bytes: whole }),
  {
    description: "All rows as they were between two objects of the log",
  },
);

const proof = named(
  "SyncProof",
  v.object({ ok: v.boolean(), at: time, sequence: whole, rows: whole, durationMs: amount, message: text }),
  { description: "The last time that the copy was restored to see whether it can be" },
);

const sequence = v.pipe(whole, v.description("The number of the log's last object"));

/** What `/pool-stats` tells of the copy. */
export const syncStatus: v.GenericSchema = named(
  "SyncStatus",
  v.object({
    state,
    location: v.pipe(text, v.description("Where the copy is")),
    source: v.pipe(v.nullable(text), v.description("The identity of the copy, when it has one")),
    sequence,
    pendingRows: v.pipe(whole, v.description("Changes that are not copied, as far as this server knows")),
    lagSeconds: v.pipe(amount, v.description("How long the oldest of them has been waiting")),
    objects: v.pipe(whole, v.description("What this server has put since it began")),
    bytes: whole,
    requests: v.object({ classA: whole, classB: whole, retries: whole }),
    lastSyncAt: v.pipe(v.nullable(time), v.description("When everything was last copied")),
    lastError: v.nullable(lastError),
    progress: v.nullable(progress),
    checkpoint: v.nullable(checkpoint),
    proof: v.nullable(proof),
  }),
  { additionalProperties: true },
);

/** What a sync has copied. */
export const syncResult: v.GenericSchema = named(
  "SyncResult",
  v.object({
    source: v.pipe(text, v.description("The identity of the copy")),
    sequence,
    objects: v.pipe(whole, v.description("Objects that were put")),
    rows: v.object({ profiles: whole, events: whole, sessions: whole, deleted: whole }),
    bytes: whole,
    durationMs: amount,
  }),
);

/** How far a sync is. */
export const syncUnderWay: v.GenericSchema = named(
  "SyncUnderWay",
  v.object({
    state,
    progress: v.nullable(progress),
    lastError: v.pipe(v.nullable(lastError), v.description("Why the last attempt failed, until one succeeds")),
  }),
);

/** What `/readyz` says. */
export const readyState: v.GenericSchema = named(
  "Ready",
  v.object({
    status: text,
    sync: v.exactOptional(
      v.pipe(
        v.object({ state, error: v.pipe(v.nullable(text), v.description("The code of its last error")) }),
        v.description("How the copy in object storage stands; whatever it is, requests are served"),
      ),
    ),
  }),
);
