import { beforeEach, describe, expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { TelemetryPool } from "../telemetry-pool.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "../testing/fake-driver.ts";
import type { ProfileInput } from "./rows.ts";

const input: ProfileInput = { session: "s", profile: {}, member: "m", document: "d" };

let driver: FakeDriver;
let store: TelemetryPool;
let controller: AbortController;
let signal: AbortSignal;

beforeEach(() => {
  const clock = new FakeClock();
  driver = fakeDriver({ clock });
  store = new TelemetryPool({ driver, clock });
  controller = new AbortController();
  signal = controller.signal;
});

/** A source that is silent after `rows` times the same row, also when it is closed; `returns` counts how often it was told that nobody reads on. */
class SilentSource implements AsyncIterable<ProfileInput> {
  returns = 0;
  #rows: number;
  readonly #row: ProfileInput;

  constructor(rows: number, row: ProfileInput = input) {
    this.#rows = rows;
    this.#row = row;
  }

  [Symbol.asyncIterator](): AsyncIterator<ProfileInput> {
    const silence = new Promise<never>(() => {});
    return {
      next: () => (this.#rows-- > 0 ? Promise.resolve({ done: false, value: this.#row }) : silence),
      return: () => {
        this.returns++;
        return silence;
      },
    };
  }
}

describe("an abort", () => {
  test.each([0, 3, 1000])("ends an import at once whose source is silent after %d rows", async (rows) => {
    const source = new SilentSource(rows);
    const importing = store.importProfiles(source, { signal });
    importing.catch(() => undefined);
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    controller.abort("why");
    expect(await importing.catch((error: unknown) => error)).toMatchObject({ code: "ABORTED", cause: "why" });
    expect(source.returns).toBe(1);
    expect(driver.profiles.size).toBe(rows === 1000 ? 1000 : 0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await store.close();
  });

  test("ends the wait for a source that does not close after a bad row", async () => {
    const source = new SilentSource(1, { ...input, member: "" });
    const importing = store.importProfiles(source, { signal });
    importing.catch(() => undefined);
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    expect(source.returns).toBe(1);
    controller.abort();
    expect(await importing.catch((error: unknown) => error)).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await store.close();
  });

  test("ends an import from a generator that never yields", async () => {
    async function* silent(): AsyncGenerator<ProfileInput> {
      await new Promise<never>(() => {});
      yield input;
    }
    const importing = store.importProfiles(silent(), { signal });
    importing.catch(() => undefined);
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    controller.abort();
    expect(await importing.catch((error: unknown) => error)).toMatchObject({ code: "ABORTED" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await store.close();
  });

  test("ends an import from a source that is iterated synchronously and has no end, and closes it", async () => {
    let isClosed = false;
    function* endless(): Generator<ProfileInput> {
      try {
        while (true) yield input;
      } finally {
        isClosed = true;
      }
    }
    const importing = store.importProfiles(endless(), { signal, onProgress: () => controller.abort() });
    expect(await importing.catch((error: unknown) => error)).toMatchObject({ code: "ABORTED" });
    expect(isClosed).toBe(true);
    expect(driver.profiles.size).toBe(1000);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await store.close();
  });
});

describe("a signal that does not fire", () => {
  test("changes nothing, and keeps no listener", async () => {
    async function* source(): AsyncGenerator<ProfileInput> {
      for (let n = 0; n < 1500; n++) yield input;
    }
    const counts = { read: 1500, stored: 1500, duplicates: 0, rejected: 0 };
    expect(await store.importProfiles(source(), { signal })).toEqual(counts);
    expect(await store.importProfiles(Array(1500).fill(input), { signal })).toEqual(counts);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await store.close();
  });

  test("lets a source close, and waits for it, when a bad row ends the import", async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<ProfileInput> {
      try {
        while (true) yield { ...input, member: "" };
      } finally {
        await drainMicrotasks();
        isClosed = true;
      }
    }
    const error = await store.importProfiles(source(), { signal }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", field: expect.stringContaining("rows[0]") });
    expect(isClosed).toBe(true);
    await store.close();
  });

  test("hands on what a source throws", async () => {
    const failure = new Error("the file is gone");
    async function* source(): AsyncGenerator<ProfileInput> {
      yield input;
      throw failure;
    }
    expect(await store.importProfiles(source(), { signal }).catch((thrown: unknown) => thrown)).toBe(failure);
    await store.close();
  });
});

test("what came before the source broke is stored, and its failure is what is told", async () => {
  async function* broken(): AsyncGenerator<ProfileInput> {
    yield { ...input, id: "a" };
    yield { ...input, id: "b" };
    throw new Error("the source broke");
  }
  const told: number[] = [];
  const importing = store.importProfiles(broken(), { onProgress: ({ stored }) => told.push(stored) });
  expect(await importing.catch((error) => error.message)).toBe("the source broke");
  expect(told).toEqual([2]);
});
