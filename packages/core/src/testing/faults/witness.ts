/**
 * Writes rows and remembers what it was told of each; afterwards it holds that against what the database has.
 *
 * The oracle: every acknowledged row is stored, once and under its own id; a row that was rejected is not, unless its
 * error says that nobody knows; sessions count what is there; every promise has settled.
 */
import assert from "node:assert/strict";
import { type ErrorCode, isTelepoolError } from "../../errors.ts";
import type { TelemetryPool } from "../../telemetry-pool.ts";
import { expectTrueCounts, storedProfiles } from "../conformance/expectations.ts";
import { sampleInput } from "../conformance/sample-rows.ts";

const SESSIONS = 7;

/** What became of the rows of one test. */
export class Witness {
  readonly #store: TelemetryPool;
  readonly #acknowledged = new Set<string>();
  readonly #rejected = new Map<string, ErrorCode>();
  #begun = 0;
  #settled = 0;

  constructor(store: TelemetryPool) {
    this.#store = store;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** The codes of all rejections, sorted, each once. */
  get codes(): readonly ErrorCode[] {
    return [...new Set(this.#rejected.values())].sort();
  }

  /** Writes the next row; never rejects. */
  async write(): Promise<void> {
    const n = this.#begun++;
    const input = sampleInput(n, { session: `session-${n % SESSIONS}` });
    try {
      const { id, duplicate } = await this.#store.addProfile(input);
      assert.equal(id, input.id);
      assert.equal(duplicate, false, `${id} is told to have been there before`);
      this.#acknowledged.add(id);
    } catch (error) {
      if (!isTelepoolError(error)) throw error;
      this.#rejected.set(input.id ?? "", error.code);
    } finally {
      this.#settled++;
    }
  }

  /** Has `callers` write one row after the other, until `isOver`. */
  async load(callers: number, isOver: () => boolean): Promise<void> {
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (!isOver()) await this.write();
      }),
    );
  }

  /** Resolves when so many rows have been acknowledged. */
  async reach(rows: number): Promise<void> {
    while (this.acknowledged < rows) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Holds what was told against what `reader` finds, and closes the store that was written to. */
  async check(reader: TelemetryPool): Promise<void> {
    assert.equal(this.#settled, this.#begun, "every promise has settled");
    await this.#store.close();
    const { created, destroyed, poolSize } = this.#store.stats();
    assert.deepEqual({ destroyed, poolSize }, { destroyed: created, poolSize: 0 }, "no connection is left");
    const stored = new Set((await storedProfiles(reader)).map(({ id }) => id));
    for (const id of this.#acknowledged) assert.ok(stored.has(id), `${id} was acknowledged and is not stored`);
    for (const [id, code] of this.#rejected) {
      if (code !== "COMMIT_OUTCOME_UNKNOWN") assert.ok(!stored.has(id), `${id} was rejected (${code}) and is stored`);
    }
    for (const id of stored) assert.ok(this.#acknowledged.has(id) || this.#rejected.has(id), `${id} is nobody's`);
    await expectTrueCounts(reader);
  }
}
