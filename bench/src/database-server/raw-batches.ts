/**
 * The ceiling: what a program could write itself that has all rows at hand, a thousand in a statement, on one connection
 * or several. Rows, ids and JSON are made in the loop, as those who call telepool do; sessions are not kept.
 */
import { type SampleValues, sampleValues } from "../rows.ts";
import type { BenchDatabase } from "./bench-database.ts";
import { SESSIONS } from "./entrant.ts";
import { expectStored, type Run, timed, WARM_UP_SHARE } from "./insert-run.ts";

const ROWS_PER_BATCH = 1000;

/** A connection that writes batches. */
export interface RawWriter {
  /** Stores the rows; resolves when they are durable. */
  write(rows: readonly SampleValues[]): Promise<unknown>;
  close(): Promise<unknown>;
}

/** One form of a statement with many rows. */
export interface RawForm {
  readonly name: string;
  connect(url: string): Promise<RawWriter>;
}

/** The name of a form on so many connections. */
export function rawName(form: RawForm, connections: number): string {
  return `raw ${form.name}, ${connections} ${connections === 1 ? "connection" : "connections"}`;
}

/** Rows per second of one form, from so many connections at once. */
export async function rawRun(database: BenchDatabase, form: RawForm, connections: number, rows: number): Promise<Run> {
  const writers = await Promise.all(Array.from({ length: connections }, () => form.connect(database.url)));
  try {
    await writeAll(writers, rows * WARM_UP_SHARE);
    await database.empty();
    const run = await timed(rows, () => writeAll(writers, rows));
    await expectStored(database, rawName(form, connections), rows);
    return run;
  } finally {
    await Promise.all(writers.map((writer) => writer.close()));
  }
}

async function writeAll(writers: readonly RawWriter[], rows: number): Promise<void> {
  let next = 0;
  const writeOn = async (writer: RawWriter): Promise<void> => {
    while (next < rows) {
      const start = next;
      next += ROWS_PER_BATCH;
      await writer.write(batchFrom(start));
    }
  };
  await Promise.all(writers.map(writeOn));
}

function batchFrom(start: number): SampleValues[] {
  return Array.from({ length: ROWS_PER_BATCH }, (_, offset) => sampleValues(start + offset, SESSIONS));
}

/** The rows as JSON, an object for each. */
export function asJson(rows: readonly SampleValues[], profileAs: "object" | "text"): string {
  const objects = rows.map(([id, session, profile, timestamp, member, document]) => {
    const json = profileAs === "object" ? profile : JSON.stringify(profile);
    return `{"id":"${id}","session":${JSON.stringify(session)},"profile":${json},"timestamp":${timestamp},"member":${JSON.stringify(member)},"document":${JSON.stringify(document)}}`;
  });
  return `[${objects.join(",")}]`;
}
