/**
 * One connection to PostgreSQL. Whether a transaction is open is what the server said last, not what was asked for, so
 * that `reset` also ends one that a caller's own SQL has opened.
 *
 * A connection that is lost while a commit is under way leaves an unknown outcome, and so does one that is lost during a
 * write of its own, which commits by itself.
 */
import {
  type DriverConnection,
  type EventRow,
  type MaybePromise,
  type ProfileRow,
  type SqlStatement,
  type StatementResult,
  TelepoolError,
  type WriteReport,
} from "@telepool/core";
import { Lifeline } from "@telepool/core/remote";
import { duplicatesAmong, type OwnStatement, writeEventsStatement, writeProfilesStatement } from "./bulk-write.ts";
import type { PgAnswer, PgClient, PgQuery } from "./native.ts";
import { isConnectionLoss, withoutValues } from "./pg-errors.ts";
import { StatementNames } from "./statement-names.ts";

const READ_PROFILES =
  "select id, session, profile, timestamp, member, document from profiles where id = any($1::text[])";
const COUNTING_COMMANDS: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"]);

/** How a connection behaves beyond the client's own settings. */
export interface PgConnectionSettings {
  readonly preparedStatements: boolean;
  /** In milliseconds, or `Infinity`. */
  readonly queryTimeoutMs: number;
}

/** One open client. */
export class PgConnection implements DriverConnection {
  readonly #client: PgClient;
  readonly #names: StatementNames | undefined;
  readonly #lifeline: Lifeline;

  constructor(client: PgClient, { preparedStatements, queryTimeoutMs }: PgConnectionSettings) {
    this.#client = client;
    this.#names = preparedStatements ? new StatementNames() : undefined;
    this.#lifeline = new Lifeline({
      queryTimeoutMs,
      destroy: () => client.connection.stream.destroy(),
      isLoss: isConnectionLoss,
      cleaned: withoutValues,
    });
    const onLost = () => this.#lifeline.markLost();
    client.on("error", onLost);
    client.on("end", onLost);
  }

  async execute({ sql, parameters }: SqlStatement): Promise<StatementResult> {
    const name = this.#names?.nameOf(sql);
    const answer = await this.#query({ text: sql, values: parameters, ...(name === undefined ? {} : { name }) });
    const { rows, rowCount, command } = answer;
    return COUNTING_COMMANDS.has(command) ? { rows, affectedRows: BigInt(rowCount ?? 0) } : { rows };
  }

  async begin(): Promise<void> {
    await this.#query({ text: "begin" });
  }

  async commit(): Promise<void> {
    const { command } = await this.#queryThatCommits({ text: "commit" });
    // A transaction in which a statement failed ends with a rollback, whatever it is told.
    if (command !== "COMMIT")
      throw new TelepoolError("STATEMENT_FAILED", "the transaction had failed and was rolled back");
  }

  async rollback(): Promise<void> {
    // A connection that is lost takes its transaction with it.
    if (this.#inTransaction && !this.#lifeline.isLost) await this.#query({ text: "rollback" });
  }

  async writeProfiles(rows: readonly ProfileRow[]): Promise<WriteReport> {
    return await this.#write(rows, writeProfilesStatement(rows));
  }

  async writeEvents(rows: readonly EventRow[]): Promise<WriteReport> {
    return await this.#write(rows, writeEventsStatement(rows));
  }

  async readProfiles(ids: readonly string[]): Promise<(ProfileRow | undefined)[]> {
    const { rows } = await this.#own({ name: "telepool_read_profiles", text: READ_PROFILES, values: [ids] });
    const byId = new Map((rows as unknown as ProfileRow[]).map((row) => [row.id, row])); // the columns are ProfileRow's
    return ids.map((id) => byId.get(id));
  }

  async ping(): Promise<void> {
    await this.#query({ text: "select 1" });
  }

  reset(): MaybePromise<void> {
    // Without a promise where there is nothing to undo: the pool lends the connection at once.
    return this.#inTransaction ? this.rollback() : undefined;
  }

  isBroken(): boolean {
    return this.#lifeline.isLost;
  }

  async close(): Promise<void> {
    await this.#lifeline.close(() => this.#client.end());
  }

  get #inTransaction(): boolean {
    const status = this.#client.getTransactionStatus();
    return status === "T" || status === "E";
  }

  async #write(rows: readonly { readonly id: string }[], statement: OwnStatement): Promise<WriteReport> {
    const { rows: answers } = this.#inTransaction ? await this.#own(statement) : await this.#ownThatCommits(statement);
    const storedIds = answers[0]?.ids as readonly string[] | null; // `text[]`, which pg makes an array
    return { duplicates: duplicatesAmong(rows, storedIds) };
  }

  #own(statement: OwnStatement): Promise<PgAnswer> {
    return this.#query(this.#asQuery(statement));
  }

  #ownThatCommits(statement: OwnStatement): Promise<PgAnswer> {
    return this.#queryThatCommits(this.#asQuery(statement));
  }

  #asQuery({ name, text, values }: OwnStatement): PgQuery {
    return this.#names === undefined ? { text, values } : { name, text, values };
  }

  /** Runs what is committed when it is answered. */
  #queryThatCommits(query: PgQuery): Promise<PgAnswer> {
    return this.#lifeline.committing(() => this.#query(query));
  }

  #query(query: PgQuery): Promise<PgAnswer> {
    return this.#lifeline.watch(this.#client.query(query));
  }
}
