/**
 * A store that is written to, and processes that copy it through a storage that fails, and die. At the end the storage is well, one
 * last process copies what is left, and what a restore gives is the store, row for row.
 */
import { createPool, isTelepoolError, type TelemetryPool } from "@telepool/core";
import { openSyncSource, type SyncSource } from "@telepool/core/sync";
import type { StorageProxy } from "@telepool/test-servers";
import { sql } from "kysely";
import type { R2Bucket } from "../../src/bucket/r2-bucket.ts";
import { StoreCopy } from "../../src/copy/store-copy.ts";
import { R2Archive } from "../../src/r2-archive.ts";
import { parseSyncOptions, type SyncConfig } from "../../src/sync-options.ts";
import { digestsOf } from "./digests-of.ts";
import { randomFaults } from "./faults.ts";
import { Died, Life } from "./mortal.ts";
import type { Seeded } from "./seeded.ts";

/** What a world is made of. */
export interface WorldParts {
  readonly store: TelemetryPool;
  readonly bucket: R2Bucket;
  readonly proxy: StorageProxy;
  readonly prefix: string;
  readonly seeded: Seeded;
}

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);

/** A process that copies. */
class Process {
  readonly life: Life = new Life();
  /** What it is doing; settles when it is done, or dead. */
  work: Promise<void> = Promise.resolve();
  copy: StoreCopy | undefined;
}

export class World {
  readonly #parts: WorldParts;
  readonly #config: SyncConfig;
  readonly #processes: Process[] = [new Process(), new Process()];
  readonly #work: Promise<void>[] = [];
  /** Over how long the rows are strewn: a checkpoint has files of their own for each day. */
  readonly #spanMs: number;
  #source: SyncSource | undefined;
  #nextId = 0;

  constructor(parts: WorldParts) {
    this.#parts = parts;
    this.#spanMs = parts.seeded.pick([1, 1, 1, 3]) * DAY_MS;
    const options = { prefix: parts.prefix, maxBatchBytes: 1024 + parts.seeded.below(8000), keepMs: 0, graceMs: 0 };
    this.#config = parseSyncOptions(options as never, "sync").config; // the bucket is there already
  }

  /** Runs a schedule of some steps, and then to its end. */
  async run(steps: number): Promise<void> {
    const { seeded, proxy, store } = this.#parts;
    this.#source = await openSyncSource(store);
    if (seeded.chance(0.7)) await this.#write(); // before anything is copied
    proxy.faults = randomFaults(seeded, seeded.pick([0.05, 0.2, 0.4]));
    for (let step = 0; step < steps; step++) await this.#step();
    await Promise.all([...this.#work, ...this.#processes.map(({ work }) => work)]);
    proxy.faults = () => undefined;
    for (const process of this.#processes) process.life.end();
    await this.#copyTheRest();
  }

  /** What a restore gives, and what the store holds. */
  async outcome(): Promise<{ readonly restored: Map<string, bigint>; readonly stored: Map<string, bigint> }> {
    const { store, bucket, prefix } = this.#parts;
    await using target = createPool("sqlite", { path: ":memory:" });
    await new R2Archive(bucket, prefix).restore(target);
    return {
      restored: await digestsOf(await openSyncSource(target)),
      stored: await digestsOf(await openSyncSource(store)),
    };
  }

  async #step(): Promise<void> {
    const { seeded } = this.#parts;
    const process = seeded.pick(this.#processes as [Process, Process]);
    const what = seeded.below(10);
    if (what < 4) await this.#write();
    else if (what < 7) this.#tell(process, (copy) => copy.drain(undefined, () => undefined));
    else if (what < 8) this.#tell(process, (copy) => this.#checkpoint(copy));
    else if (what < 9) this.#kill(process);
    else await process.work;
    if (seeded.chance(0.3)) await new Promise((resolve) => setImmediate(resolve));
    if (seeded.chance(0.2)) await process.work;
  }

  async #checkpoint(copy: StoreCopy): Promise<void> {
    await copy.writeCheckpoint({
      signal: undefined,
      onPart: async () => undefined,
      drain: () => copy.drain(undefined, () => undefined),
    });
    await copy.retain(undefined);
  }

  /** Gives a process something to do when it has done what it is at. */
  #tell(process: Process, order: (copy: StoreCopy) => Promise<unknown>): void {
    process.work = process.work.then(async () => {
      try {
        process.copy ??= await StoreCopy.begin(this.#depsOf(process));
        await order(process.copy);
      } catch (error) {
        if (error instanceof Died || isTelepoolError(error, "STORAGE_UNREACHABLE")) return;
        throw error;
      }
    });
    process.work.catch(() => undefined); // it is waited for
  }

  /** Ends a process, in the middle of whatever it is doing; another takes its place at once. */
  #kill(process: Process): void {
    process.life.end();
    this.#work.push(process.work);
    this.#processes[this.#processes.indexOf(process)] = new Process();
  }

  async #copyTheRest(): Promise<void> {
    const last = new Process();
    const copy = await StoreCopy.begin(this.#depsOf(last));
    if (copy.checkpoint === undefined) await this.#checkpoint(copy);
    await copy.drain(undefined, () => undefined);
  }

  #depsOf({ life }: Process) {
    const { bucket } = this.#parts;
    const source = this.#source;
    if (source === undefined) throw new Error("the world has not begun");
    const nothing = () => undefined;
    return {
      source: life.give(source),
      bucket: life.give(bucket),
      config: this.#config,
      onLog: nothing,
      onPart: nothing,
    };
  }

  async #write(): Promise<void> {
    const { seeded, store } = this.#parts;
    const what = seeded.below(8);
    if (what < 3) await store.insertProfiles(Array.from({ length: 1 + seeded.below(20) }, () => this.#profile()));
    else if (what < 4) await store.insertEvents(Array.from({ length: 1 + seeded.below(10) }, () => this.#event()));
    else if (what < 5) await Promise.all(Array.from({ length: 3 }, () => store.addProfile(this.#profile())));
    else if (what < 6) await store.prune({ maxRows: seeded.below(30) });
    else await this.#writeRaw();
  }

  /** What telepool never does, and others may. */
  async #writeRaw(): Promise<void> {
    const { seeded, store } = this.#parts;
    const db = await store.kysely();
    const some = await db.selectFrom("profiles").select(["id", "session"]).orderBy("id").limit(5).execute();
    const row = some.at(seeded.below(5));
    if (row === undefined) return;
    const { id, session } = row;
    if (seeded.chance(0.5)) {
      await db
        .updateTable("profiles")
        .set({ profile: `{"changed":${seeded.below(1000)}}` })
        .where("id", "=", id)
        .execute();
      return;
    }
    await db.transaction().execute(async (trx) => {
      await trx.deleteFrom("profiles").where("id", "=", id).execute();
      const lower = { profile_count: sql<number>`profile_count - 1` };
      await trx.updateTable("sessions").set(lower).where("id", "=", session).execute();
    });
    // With the same id, as if it had always been another.
    if (seeded.chance(0.5)) await store.insertProfiles([{ ...this.#profile(), id }]);
  }

  #profile() {
    const { seeded } = this.#parts;
    const session = `s${seeded.below(6)}`;
    const profile = { test: seeded.below(1000), text: "x".repeat(seeded.below(400)), emoji: "🦊\n" };
    return {
      id: `p${this.#nextId++}`,
      session,
      profile,
      member: `m${seeded.below(3)}`,
      document: "d",
      timestamp: this.#time(),
    };
  }

  #event() {
    const { seeded } = this.#parts;
    const session = seeded.chance(0.5) ? `s${seeded.below(6)}` : null;
    return { id: `e${this.#nextId++}`, type: "t", data: { x: seeded.next() }, session, timestamp: this.#time() };
  }

  #time(): number {
    return START_MS + this.#parts.seeded.below(this.#spanMs);
  }
}
