/** Copies that break off, and are run again. */
import { describe, expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { CopyRig, contentsOf, fill } from "../../test/copy-rig.ts";
import { TelepoolError } from "../errors.ts";
import type { TelemetryPool } from "../telemetry-pool.ts";
import { overrideConnection, wrapConnections } from "../testing/wrap-driver.ts";
import type { CopyPhase } from "./copy-report.ts";
import { copyStore } from "./copy-store.ts";

/** Copies until the `page`th page of a phase is done, and aborts there; gives what it was rejected with. */
async function copyUntil(from: TelemetryPool, to: TelemetryPool, phase: CopyPhase, page: number): Promise<unknown> {
  const controller = new AbortController();
  let pages = 0;
  const onProgress = (progress: { readonly phase: CopyPhase }): void => {
    if (progress.phase === phase && ++pages === page) controller.abort("enough");
  };
  const { signal } = controller;
  const error = await copyStore(from, to, { onProgress, signal }).catch((thrown: unknown) => thrown);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  return error;
}

describe("an abort", () => {
  test.each([
    ["sessions", 1],
    ["profiles", 3],
    ["events", 1],
    ["verify profiles", 2],
    ["verify events", 1],
    ["verify sessions", 1],
  ] as const)(
    "in the phase %p leaves what a copy with resume makes whole, without a duplicate",
    async (phase, page) => {
      await using rig = await CopyRig.create();
      const [from, to] = [await rig.open("from"), await rig.open("to")];
      await fill(from, 5000);
      expect(await copyUntil(from, to, phase, page)).toMatchObject({ code: "ABORTED", cause: "enough" });
      const before = (await contentsOf(to)).profiles.length;
      const result = await copyStore(from, to, { resume: true });
      expect(result).toMatchObject({ verified: true, profiles: { skipped: before, copied: 5000 - before } });
      expect(await contentsOf(to)).toEqual(await contentsOf(from));
    },
  );

  test("keeps what was committed, which a copy without resume refuses", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    await fill(from, 5000);
    await copyUntil(from, to, "profiles", 3);
    expect((await contentsOf(to)).profiles.length).toBeGreaterThanOrEqual(1000);
    expect(await copyStore(from, to).catch((thrown: unknown) => thrown)).toMatchObject({ field: "to" });
  });

  test("before the beginning writes nothing", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    await fill(from, 10);
    const copying = copyStore(from, to, { signal: AbortSignal.abort() });
    expect(await copying.catch((thrown: unknown) => thrown)).toMatchObject({ code: "ABORTED" });
    expect((await contentsOf(to)).profiles).toEqual([]);
  });

  test("does not wait for a read that is under way", async () => {
    await using rig = await CopyRig.create();
    let reach: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const from = await rig.open("from", (driver) =>
      wrapConnections(driver, (connection) =>
        overrideConnection(connection, {
          execute: async (statement) => {
            if (statement.sql.includes("count(*)")) {
              reach();
              await held;
            }
            return await connection.execute(statement);
          },
        }),
      ),
    );
    const controller = new AbortController();
    const copying = copyStore(from, await rig.open("to"), { signal: controller.signal });
    copying.catch(() => undefined);
    await reached;
    controller.abort();
    expect(await copying.catch((thrown: unknown) => thrown)).toMatchObject({ code: "ABORTED" });
    letGo();
  });
});

test("what is no row's fault ends a copy with the database's error", async () => {
  await using rig = await CopyRig.create();
  const from = await rig.open("from");
  let writes = 0;
  const to = await rig.open("to", (driver) =>
    wrapConnections(driver, (connection) =>
      overrideConnection(connection, {
        writeProfiles: async (rows) => {
          if (++writes === 2) throw new TelepoolError("STORAGE_FULL", "the disk is full");
          return await connection.writeProfiles(rows);
        },
      }),
    ),
  );
  await fill(from, 5000);
  expect(await copyStore(from, to).catch((thrown: unknown) => thrown)).toMatchObject({ code: "STORAGE_FULL" });
  expect(await copyStore(from, to, { resume: true })).toMatchObject({
    verified: true,
    profiles: { skipped: 1000, copied: 4000 },
  });
});

test("what a caller's onProgress throws ends the copy", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 100);
  const failure = new Error("the terminal is gone");
  const onProgress = (): never => {
    throw failure;
  };
  expect(await copyStore(from, to, { onProgress }).catch((thrown: unknown) => thrown)).toBe(failure);
});
