/** Reads what a plan names, and checks each object before anything is made of it. The next object travels while one is used. */
import { type RawRow, readAhead, type TableName } from "@telepool/core/sync";
import type { Bucket, StoredObject } from "../bucket/bucket.ts";
import type { CheckpointPart } from "../checkpoint/manifest.ts";
import { type FoundLog, missing } from "../copy/copy-contents.ts";
import type { CopyKeys } from "../copy/keys.ts";
import { damaged, decodeLogObject, type ReadObject, sha256Of } from "../log/log-object.ts";
import { decodeParquet } from "../parquet/index.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** A part of a checkpoint with its rows. */
export interface ReadPart<T extends TableName = TableName> {
  readonly part: CheckpointPart;
  readonly table: T;
  readonly rows: readonly RawRow<T>[];
}

/** Reads one copy. */
export class CopyReading {
  readonly #bucket: Bucket;
  readonly #keys: CopyKeys;
  readonly #signal: AbortSignal | undefined;

  constructor(bucket: Bucket, keys: CopyKeys, signal: AbortSignal | undefined) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#signal = signal;
  }

  /** The parts of the checkpoint from a position on. */
  parts({ checkpoint }: RestorePlan, from = 0): AsyncGenerator<ReadPart, void, undefined> {
    return readAhead(each(checkpoint.parts.slice(from).map((part) => () => this.part(part))));
  }

  /** The objects of the log behind a number. */
  async *log({ source, checkpoint, log }: RestorePlan, after: number): AsyncGenerator<ReadObject, void, undefined> {
    let previous = after === checkpoint.base ? checkpoint.baseSha256 : undefined;
    const readings = log
      .filter(({ sequence }) => sequence > after)
      .map((found) => async () => ({ found, stored: await this.#get(found.key) }));
    for await (const { found, stored } of readAhead(each(readings))) {
      const object = await decode(stored, found, source, previous);
      previous = object.sha256;
      yield object;
    }
  }

  /** One part of a checkpoint. */
  async part(part: CheckpointPart): Promise<ReadPart> {
    const { key, table } = part;
    if (!key.startsWith(this.#keys.parts)) throw damaged(key, "it is not where the copy puts anything");
    const { content } = await this.#get(key);
    if (sha256Of(content) !== part.sha256) throw damaged(key, "its content is not what the manifest says");
    const rows = (await decodeParquet(table, content)) as RawRow<TableName>[]; // of this table
    if (rows.length !== part.rows) throw damaged(key, "it does not hold as many rows as the manifest says");
    return { part, table, rows };
  }

  /** One object of the log, behind the one with the sha256 `previous`, which is not looked at if absent. */
  async object(found: FoundLog, source: string, previous: string | undefined): Promise<ReadObject> {
    return await decode(await this.#get(found.key), found, source, previous);
  }

  async #get(key: string): Promise<StoredObject> {
    const stored = await this.#bucket.get(key, this.#signal);
    if (stored === undefined) throw missing(key);
    return stored;
  }
}

function decode(
  { content, metadata }: StoredObject,
  { key, sequence }: FoundLog,
  source: string,
  previous: string | undefined,
): Promise<ReadObject> {
  return decodeLogObject(content, metadata, { key, source, sequence, previous });
}

/** What a list of readings gives, in their order. */
async function* each<T>(readings: readonly (() => Promise<T>)[]): AsyncGenerator<T, void, undefined> {
  for (const read of readings) yield await read();
}
