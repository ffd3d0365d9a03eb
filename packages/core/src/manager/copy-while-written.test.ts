/** Copying a source that others write to, and prune. */
import { expect, test } from "bun:test";
import { CopyRig, contentsOf, fill, someProfiles } from "../../test/copy-rig.ts";
import { systemClock } from "../clock.ts";
import { overrideConnection, wrapConnections } from "../testing/wrap-driver.ts";
import type { CopyPhase, CopyProgress } from "./copy-report.ts";
import { copyStore } from "./copy-store.ts";

/** Does `work` once, when a copy tells of the phase for the first time; what it returns is waited for in `finished`. */
class Once {
  finished: Promise<unknown> | undefined;
  readonly #phase: CopyPhase;
  readonly #work: () => Promise<unknown>;

  constructor(phase: CopyPhase, work: () => Promise<unknown>) {
    this.#phase = phase;
    this.#work = work;
  }

  readonly onProgress = ({ phase }: CopyProgress): void => {
    if (phase === this.#phase) this.finished ??= this.#work();
  };
}

test("a source that eight callers write to while it is copied is verified", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 3000);
  const writers = new Once("sessions", async () => {
    const inputs = someProfiles(2000, 3000);
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let input = inputs.pop(); input !== undefined; input = inputs.pop()) await from.addProfile(input);
      }),
    );
  });
  const result = await copyStore(from, to, { onProgress: writers.onProgress });
  await writers.finished;
  expect(result).toMatchObject({ differences: [], verified: true });
  expect(result.profiles.source).toEqual(result.profiles.target);
  const last = await copyStore(from, to, { resume: true });
  expect(last).toMatchObject({ verified: true, moving: 0, profiles: { source: { rows: 5000 } } });
  expect(await contentsOf(to)).toEqual(await contentsOf(from));
});

test.each(["profiles", "events", "verify profiles", "verify events"] as const)(
  "rows whose ids come first, and that arrive in the phase %p, are copied and counted",
  async (phase) => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    await fill(from, 2500);
    const early = someProfiles(20, 0).map((input, n) => ({ ...input, id: `!${n}`, session: `session-${40 + n}` }));
    const writer = new Once(phase, () => from.insertProfiles(early));
    const result = await copyStore(from, to, { onProgress: writer.onProgress });
    await writer.finished;
    expect(result).toMatchObject({ verified: true, moving: 0, profiles: { source: { rows: 2520 }, copied: 2520 } });
    expect(result.sessions.source.rows).toBe(60);
    expect(await contentsOf(to)).toEqual(await contentsOf(from));
  },
);

test("a session that goes on changing is counted as moving, and is no difference", async () => {
  await using rig = await CopyRig.create();
  const [writer, to] = [await rig.open("from"), await rig.open("to")];
  await fill(writer, 500);
  let number = 500;
  const addToOne = async (): Promise<void> => {
    await writer.insertProfiles(someProfiles(1, number++).map((input) => ({ ...input, session: "session-7" })));
  };
  // Whoever looks at this session alone finds one profile more than there were just before.
  const from = await rig.open("from", (driver) =>
    wrapConnections(driver, (connection) =>
      overrideConnection(connection, {
        execute: async (statement) => {
          const [id, ...more] = statement.parameters;
          const looks = statement.sql.includes('from "sessions"') && id === "session-7" && more.length === 0;
          if (looks) await addToOne();
          return await connection.execute(statement);
        },
      }),
    ),
  );
  const change = new Once("verify events", addToOne);
  const result = await copyStore(from, to, { onProgress: change.onProgress });
  expect(result).toMatchObject({ moving: 1, differences: [], verified: true, sessions: { source: { rows: 49 } } });
});

test("profiles that are pruned after they were copied are extra, and sessions that never had any here are gone", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  const nowMs = systemClock.wallMs();
  const row = { profile: {}, member: "m", document: "d" };
  await from.addProfile({ ...row, id: "old", session: "old", timestamp: 1000 });
  await from.addProfile({ ...row, id: "new", session: "new", timestamp: nowMs });
  const pruning = new Once("events", () => from.prune({ olderThanMs: 60_000 }));
  await from.recordEvent("click", {}, null, { id: "event", timestamp: nowMs });
  const result = await copyStore(from, to, { onProgress: pruning.onProgress });
  await pruning.finished;
  expect(result.differences.map(({ table, id, kind }) => [table, id, kind])).toEqual([
    ["profiles", "old", "extra"],
    ["sessions", "old", "extra"],
  ]);
  const fresh = await rig.open("fresh");
  const db = await fresh.kysely();
  await db
    .insertInto("sessions")
    .values({ id: "left over", member: "m", created_at: 1, last_activity: 1, profile_count: 0 })
    .execute();
  expect((await copyStore(from, fresh, { resume: true })).verified).toBe(true);
  expect(await fresh.getSession("left over")).toBeUndefined();
});
