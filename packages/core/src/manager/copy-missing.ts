/** The first pass of a copy: what the target does not have is written, and of what it has nothing is read but the ids. */
import type { RawRow, TableName } from "../store/raw-rows.ts";
import type { CopyCourse } from "./copy-course.ts";
import { type CopyTable, writeRows } from "./copy-table.ts";
import { type MergedKey, mergeKeys } from "./merge-keys.ts";
import { pieces } from "./pieces.ts";
import { readAhead } from "./read-ahead.ts";

/** How many rows were written, and how many were there. */
export interface CopyCounts {
  readonly copied: number;
  readonly skipped: number;
}

/** Copies a table, up to the greatest id that it has when this begins: a copy ends, however fast rows arrive. */
export async function copyMissing<T extends TableName>(course: CopyCourse, table: CopyTable<T>): Promise<CopyCounts> {
  let copied = 0;
  let skipped = 0;
  for await (const { rows, stored } of readAhead(missingPages(course, table))) {
    // A row that is refused is met again, and told, when the rows are verified.
    copied += await writeRows(course, table, rows, () => undefined);
    skipped += stored;
    await course.endPage(table.kind, rows.length + stored);
  }
  return { copied, skipped };
}

interface MissingPage<T extends TableName> {
  /** Rows that the target does not have. */
  readonly rows: readonly RawRow<T>[];
  /** How many rows before them it has. */
  readonly stored: number;
}

async function* missingPages<T extends TableName>(
  { source, target }: CopyCourse,
  { name }: CopyTable<T>,
): AsyncGenerator<MissingPage<T>, void, undefined> {
  const upTo = await source.lastId(name);
  if (upTo === undefined) return;
  const merged = mergeKeys(source.keys(name, { upTo, weighed: true }), target.keys(name, { weighed: false }));
  for await (const keys of merged) {
    yield { rows: [], stored: keys.filter((key) => key.source !== undefined && key.target !== undefined).length };
    for (const piece of pieces(keys.filter(isMissing), sourceBytes)) {
      const rows = await source.rows(
        name,
        piece.map(({ id }) => id),
      );
      yield { rows: [...rows.values()], stored: 0 };
    }
  }
}

function isMissing({ source, target }: MergedKey): boolean {
  return source !== undefined && target === undefined;
}

function sourceBytes({ source }: MergedKey): number {
  return source?.bytes ?? 0;
}
