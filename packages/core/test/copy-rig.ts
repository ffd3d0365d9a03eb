/** The stage of the tests of copying: SQLite files in a folder of the test's own, and what is put into them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Driver, ProfileRow } from "../src/driver/driver.ts";
import { loadDriver } from "../src/factory.ts";
import type { Profile, ProfileInput } from "../src/store/rows.ts";
import type { Session } from "../src/store/telemetry-repository.ts";
import { TelemetryPool } from "../src/telemetry-pool.ts";
import { allPages } from "../src/testing/conformance/expectations.ts";
import { sampleInput } from "../src/testing/conformance/sample-rows.ts";

/** Everything that a store holds. */
export interface Contents {
  readonly sessions: readonly Session[];
  readonly profiles: readonly Profile[];
  readonly events: readonly unknown[];
}

/** The stores of one test; they are closed, and their folder goes, when it ends. */
export class CopyRig implements AsyncDisposable {
  readonly #folder: string;
  readonly #stores: TelemetryPool[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<CopyRig> {
    return new CopyRig(await mkdtemp(join(tmpdir(), "telepool-copy-")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    // Closing removes the logs of the databases, and Bun minds a file that goes while it removes the folder.
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A store over the file of this name, whose driver may be changed. */
  async open(name: string, change: (driver: Driver) => Driver = (driver) => driver): Promise<TelemetryPool> {
    const driver = await loadDriver("sqlite", { path: join(this.#folder, `${name}.db`), synchronous: "off" });
    const store = new TelemetryPool({ driver: change(driver), pool: { max: 4 } });
    this.#stores.push(store);
    await store.open();
    return store;
  }
}

/** `count` profiles from number `first` on, in fifty sessions of five members. */
export function someProfiles(count: number, first = 0): ProfileInput[] {
  return Array.from({ length: count }, (_, n) => {
    const number = first + n;
    return sampleInput(number, { session: `session-${number % 50}`, member: `member-${number % 5}` });
  });
}

/** Stores profiles, and an event for every tenth. */
export async function fill(store: TelemetryPool, profiles: number): Promise<void> {
  await store.insertProfiles(someProfiles(profiles));
  const events = Array.from({ length: profiles / 10 }, (_, n) =>
    store.recordEvent("click", { n }, n % 2 === 0 ? null : "session-1", { id: `event-${n}`, timestamp: n }),
  );
  await Promise.all(events);
}

/** Everything that a store holds, as it answers its callers. */
export async function contentsOf(store: TelemetryPool): Promise<Contents> {
  return {
    sessions: await allPages((page) => store.querySessions("*", page), 1000),
    profiles: await allPages((page) => store.queryProfiles({}, page), 1000),
    events: await allPages((page) => store.queryEvents({}, page), 1000),
  };
}

/** Changes stored profiles behind the store's back. */
export async function tamper(store: TelemetryPool, id: string, change: Partial<ProfileRow>): Promise<void> {
  await (await store.kysely()).updateTable("profiles").set(change).where("id", "=", id).execute();
}
