/** A connection of the driver in memory: what is written in a transaction is its own until the commit. */
import type {
  DriverConnection,
  EventRow,
  ProfileRow,
  SqlStatement,
  StatementResult,
  WriteReport,
} from "../driver/driver.ts";
import { TelepoolError } from "../errors.ts";
import type { FakeDriver, FakeOperation } from "./fake-driver.ts";

/** What a transaction has written so far. */
interface Draft {
  readonly profiles: Map<string, ProfileRow>;
  readonly events: Map<string, EventRow>;
}

/** One connection of a `FakeDriver`. */
export class FakeConnection implements DriverConnection {
  readonly number: number;
  readonly #driver: FakeDriver;
  #draft: Draft | undefined;
  #broken = false;
  #closed = false;

  constructor(driver: FakeDriver, number: number) {
    this.#driver = driver;
    this.number = number;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Has the connection be lost. */
  breakDown(): void {
    this.#broken = true;
  }

  async execute({ sql, parameters }: SqlStatement): Promise<StatementResult> {
    await this.#perform("execute", 0);
    if (/^create (table|index) /.test(sql)) return { rows: [] };
    const [, verb, lock] = /^(insert into|select .* from) "telepool_migrations(_lock)?"/.exec(sql) ?? [];
    if (verb === undefined) throw new TelepoolError("NOT_SUPPORTED", "the fake driver runs no SQL");
    if (lock !== undefined) return { rows: [{ id: "migration_lock" }] };
    if (verb.startsWith("select")) return { rows: this.#driver.migrations.map((step) => ({ ...step })) };
    const [name, timestamp] = parameters;
    this.#driver.migrations.push({ name: String(name), timestamp: String(timestamp) });
    return { rows: [], affectedRows: 1n };
  }

  async begin(): Promise<void> {
    await this.#perform("begin", 0);
    if (this.#draft !== undefined) throw new Error("a transaction is open already");
    this.#draft = { profiles: new Map(), events: new Map() };
  }

  async commit(): Promise<void> {
    await this.#perform("commit", 0);
    if (this.#draft === undefined) throw new Error("no transaction is open");
    for (const [id, row] of this.#draft.profiles) this.#driver.profiles.set(id, row);
    for (const [id, row] of this.#draft.events) this.#driver.events.set(id, row);
    this.#draft = undefined;
  }

  async rollback(): Promise<void> {
    await this.#perform("rollback", 0);
    this.#draft = undefined;
  }

  async writeProfiles(rows: readonly ProfileRow[]): Promise<WriteReport> {
    await this.#perform("writeProfiles", rows.length);
    return store(rows, this.#driver.profiles, this.#draft?.profiles);
  }

  async writeEvents(rows: readonly EventRow[]): Promise<WriteReport> {
    await this.#perform("writeEvents", rows.length);
    return store(rows, this.#driver.events, this.#draft?.events);
  }

  async readProfiles(ids: readonly string[]): Promise<(ProfileRow | undefined)[]> {
    await this.#perform("readProfiles", ids.length);
    return ids.map((id) => this.#draft?.profiles.get(id) ?? this.#driver.profiles.get(id));
  }

  async ping(): Promise<void> {
    await this.#perform("ping", 0);
  }

  async reset(): Promise<void> {
    await this.#perform("reset", 0);
    this.#draft = undefined;
  }

  isBroken(): boolean {
    return this.#broken;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#draft = undefined;
    await this.#driver.perform(this.number, "close", 0);
  }

  async #perform(operation: FakeOperation, rows: number): Promise<void> {
    await this.#driver.perform(this.number, operation, rows);
    if (this.#closed) throw new Error("the connection is closed");
    if (this.#broken) throw new TelepoolError("CONNECTION_LOST", "the fake connection is lost");
  }
}

/** Stores rows where they belong, and reports those that were there. */
function store<Row extends { readonly id: string }>(
  rows: readonly Row[],
  committed: Map<string, Row>,
  draft: Map<string, Row> | undefined,
): WriteReport {
  const duplicates: number[] = [];
  for (const [position, row] of rows.entries()) {
    if (committed.has(row.id) || draft?.has(row.id)) duplicates.push(position);
    else (draft ?? committed).set(row.id, row);
  }
  return { duplicates };
}
