/** One of the two stores of a copy: how it is read, always from its newest state, until the caller gives up. */
import type { Kysely } from "kysely";
import { untilAborted } from "../async.ts";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import {
  countRows,
  idsAmong,
  keysById,
  keysOfSession,
  lastId,
  type RawRow,
  type RowKey,
  rowsByIds,
  type SessionKey,
  type TableName,
} from "../store/raw-rows.ts";
import type { TelemetryTables } from "../store/tables.ts";
import type { TelemetryRepository } from "../store/telemetry-repository.ts";
import type { Opened } from "../store-opening.ts";
import { PAGE_ROWS } from "./pieces.ts";

/** Which keys are wanted. */
export interface KeysRequest {
  /** The last id that counts; all of them if absent. */
  readonly upTo?: string;
  /** Whether the rows are weighed, which costs the database a look at each. */
  readonly weighed: boolean;
}

/** A side of a copy. */
export class CopySide {
  readonly repository: TelemetryRepository;
  readonly #dialect: SqlDialect;
  readonly #signal: AbortSignal | undefined;

  constructor({ driver, repository }: Opened, signal: AbortSignal | undefined) {
    this.repository = repository;
    this.#dialect = driver.dialect;
    this.#signal = signal;
  }

  /** The keys of a table in the order of their ids, by pages that are not empty. */
  async *keys(table: TableName, { upTo, weighed }: KeysRequest): AsyncGenerator<RowKey[], void, undefined> {
    let after: string | undefined;
    for (;;) {
      const range = { after, upTo, limit: PAGE_ROWS };
      const page = await this.#read(keysById(this.#db, weighed ? this.#dialect : undefined, table, range));
      if (page.length > 0) yield page;
      if (page.length < PAGE_ROWS) return;
      after = page.at(-1)?.id;
    }
  }

  /** The keys of a session's profiles, by pages. */
  async *sessionKeys(session: string): AsyncGenerator<SessionKey[], void, undefined> {
    let after: SessionKey | undefined;
    for (;;) {
      const range = { after, limit: PAGE_ROWS };
      const page = await this.#read(keysOfSession(this.#db, this.#dialect, session, range));
      yield page;
      if (page.length < PAGE_ROWS) return;
      after = page.at(-1);
    }
  }

  /** The rows with these ids, by id; those without a row are absent. */
  async rows<T extends TableName>(table: T, ids: readonly string[]): Promise<ReadonlyMap<string, RawRow<T>>> {
    const rows = await this.#read(rowsByIds(this.#db, table, ids));
    return new Map(rows.map((row) => [row.id, row]));
  }

  async row<T extends TableName>(table: T, id: string): Promise<RawRow<T> | undefined> {
    return (await this.rows(table, [id])).get(id);
  }

  /** Those of a page of keys that have no row here. */
  async lacking(table: TableName, keys: readonly RowKey[]): Promise<RowKey[]> {
    const ids = keys.map(({ id }) => id);
    const there = await this.#read(idsAmong(this.#db, table, ids));
    return keys.filter(({ id }) => !there.has(id));
  }

  async lastId(table: TableName): Promise<string | undefined> {
    return await this.#read(lastId(this.#db, table));
  }

  async count(table: TableName): Promise<number> {
    return await this.#read(countRows(this.#db, table));
  }

  get #db(): Kysely<TelemetryTables> {
    return this.repository.exact;
  }

  #read<T>(reading: Promise<T>): Promise<T> {
    return this.#signal === undefined ? reading : untilAborted(reading, this.#signal, "the copy");
  }
}
