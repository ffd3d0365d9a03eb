/**
 * The second pass of a copy: every row of both sides is read and compared. What has arrived in the source since the first
 * pass is written, and read again.
 *
 * Rows are looked up by their ids on both sides, after the ids were listed. So a row that has appeared on one side in the
 * meantime is not taken for a difference.
 */
import type { ErrorCode } from "../errors.ts";
import type { RawRow, TableName } from "../store/raw-rows.ts";
import { differingColumns, isSameText } from "../store/row-differences.ts";
import { rowDigest } from "../store/row-digest.ts";
import type { CopyCourse } from "./copy-course.ts";
import { type CopyTable, writeRows } from "./copy-table.ts";
import { type MergedKey, mergeKeys } from "./merge-keys.ts";
import { pieces } from "./pieces.ts";
import { readAhead } from "./read-ahead.ts";
import { Tally } from "./tally.ts";

type Rows<T extends TableName> = ReadonlyMap<string, RawRow<T>>;

/** Rows of both sides with the same ids. */
interface PairedPage<T extends TableName> {
  readonly ids: readonly string[];
  readonly source: Rows<T>;
  readonly target: Rows<T>;
}

/** The comparison of one table. */
export class RowVerification<T extends "profiles" | "analytics"> {
  readonly source: Tally = new Tally();
  readonly target: Tally = new Tally();
  readonly #course: CopyCourse;
  readonly #table: CopyTable<T>;
  #copied = 0;

  constructor(course: CopyCourse, table: CopyTable<T>) {
    this.#course = course;
    this.#table = table;
  }

  /** Rows that were written. */
  get copied(): number {
    return this.#copied;
  }

  /** Compares all rows, up to the greatest id that the source has when this begins. */
  async run(): Promise<void> {
    const { kind } = this.#table;
    for await (const page of readAhead(this.#pages())) {
      await this.#compareAll(page);
      await this.#course.endPage(`verify ${kind}`, page.source.size);
    }
  }

  /**
   * Writes rows that were not there when all were compared, and counts those that are there by now. A row that the target
   * does not take is left to the comparison of its session.
   */
  async addLate(ids: readonly string[]): Promise<void> {
    const rows = await this.#course.source.rows(this.#table.name, ids);
    this.#copied += await writeRows(this.#course, this.#table, [...rows.values()], () => undefined);
    const stored = await this.#course.target.rows(this.#table.name, ids);
    for (const [id, row] of rows) {
      const found = stored.get(id);
      if (found !== undefined) await this.#compare(row, found);
    }
  }

  async *#pages(): AsyncGenerator<PairedPage<T>, void, undefined> {
    const { source, target } = this.#course;
    const { name } = this.#table;
    // Without a row in the source the empty text, which is no id, leaves out all that arrive from now on.
    const upTo = (await source.lastId(name)) ?? "";
    const merged = mergeKeys(source.keys(name, { upTo, weighed: true }), target.keys(name, { weighed: true }));
    for await (const keys of merged) {
      for (const piece of pieces(keys, greaterBytes)) {
        const ids = piece.map(({ id }) => id);
        const [sourceRows, targetRows] = await Promise.all([source.rows(name, ids), target.rows(name, ids)]);
        yield { ids, source: sourceRows, target: targetRows };
      }
    }
  }

  async #compareAll({ ids, source, target }: PairedPage<T>): Promise<void> {
    const missing: RawRow<T>[] = [];
    for (const id of ids) {
      const [row, found] = [source.get(id), target.get(id)];
      if (row !== undefined && found !== undefined) await this.#compare(row, found);
      else if (row !== undefined) missing.push(row);
      else if (found !== undefined) {
        this.target.add(rowDigest(this.#table.name, found));
        this.#course.differences.add({ table: this.#table.kind, id, kind: "extra" });
      }
    }
    if (missing.length > 0) await this.#addMissing(missing);
  }

  async #addMissing(rows: readonly RawRow<T>[]): Promise<void> {
    const { kind: table, name } = this.#table;
    const refusals = new Map<string, ErrorCode>();
    this.#copied += await writeRows(this.#course, this.#table, rows, ({ id }, { code }) => refusals.set(id, code));
    const stored = await this.#course.target.rows(
      name,
      rows.map(({ id }) => id),
    );
    for (const row of rows) {
      const { id } = row;
      const found = stored.get(id);
      if (found !== undefined) {
        await this.#compare(row, found);
        continue;
      }
      const code = refusals.get(id);
      this.source.add(rowDigest(name, row));
      this.#course.differences.add({
        table,
        id,
        ...(code === undefined ? { kind: "missing" } : { kind: "rejected", code }),
      });
    }
  }

  async #compare(row: RawRow<T>, found: RawRow<T>): Promise<void> {
    const { kind: table, name } = this.#table;
    const digest = rowDigest(name, row);
    const foundDigest = isSameText(name, row, found) ? digest : rowDigest(name, found);
    this.source.add(digest);
    this.target.add(foundDigest);
    if (digest !== foundDigest) {
      const columns = differingColumns(name, row, found);
      this.#course.differences.add({ table, id: row.id, kind: "different", columns });
    }
    await this.#course.breathe(this.#table.bytesOf(row));
  }
}

function greaterBytes({ source, target }: MergedKey): number {
  return Math.max(source?.bytes ?? 0, target?.bytes ?? 0);
}
