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
  type ProfileRow,
  type SqlStatement,
  type StatementResult,
  TelepoolError,
  type WriteReport,
} from "@telepool/core";
import { AnswerLimit } from "@telepool/core/remote";
import { duplicatesAmong, type OwnStatement, writeEventsStatement, writeProfilesStatement } from "./bulk-write.ts";
import type { PgAnswer, PgClient, PgQuery } from "./native.ts";
import { classifyPgError, isConnectionLoss, withoutValues } from "./pg-errors.ts";
import { StatementNames } from "./statement-names.ts";

const READ_PROFILES =
  "select id, session, profile, timestamp, member, document from profiles where id = any($1::text[])";
const COUNTING_COMMANDS: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"]);

/** How long a goodbye may take before the socket is destroyed. */
const GOODBYE_MS = 1000;

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
  readonly #limit: AnswerLimit;
  #isLost = false;

  constructor(client: PgClient, { preparedStatements, queryTimeoutMs }: PgConnectionSettings) {
    this.#client = client;
    this.#names = preparedStatements ? new StatementNames() : undefined;
    this.#limit = new AnswerLimit(queryTimeoutMs, () => this.#destroy());
    const onLost = () => {
      this.#isLost = true;
    };
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
    if (this.#inTransaction) await this.#query({ text: "rollback" });
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

  async reset(): Promise<void> {
    await this.rollback();
  }

  isBroken(): boolean {
    return this.#isLost;
  }

  async close(): Promise<void> {
    if (this.#isLost) {
      this.#destroy();
      return;
    }
    this.#isLost = true;
    const timer = setTimeout(() => this.#destroy(), GOODBYE_MS);
    try {
      await this.#client.end();
    } finally {
      clearTimeout(timer);
    }
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
  async #queryThatCommits(query: PgQuery): Promise<PgAnswer> {
    if (this.#isLost) throw lostError();
    try {
      return await this.#query(query);
    } catch (error) {
      if (!this.#isLost) throw error;
      throw new TelepoolError(
        "COMMIT_OUTCOME_UNKNOWN",
        "the connection was lost during a commit, which may be stored or not; writing the same ids again is safe",
        { cause: error },
      );
    }
  }

  async #query(query: PgQuery): Promise<PgAnswer> {
    try {
      return await this.#limit.watch(this.#client.query(query));
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (this.#limit.isOver) {
      this.#isLost = true;
      const message = `the connection was given up: ${this.#limit.description}; raise queryTimeoutMs if that is too short`;
      return new TelepoolError("CONNECTION_LOST", message, { cause: error });
    }
    if (isConnectionLoss(error)) this.#isLost = true;
    return withoutValues(error);
  }

  #destroy(): void {
    this.#isLost = true;
    this.#client.connection.stream.destroy();
  }
}

function lostError(): TelepoolError {
  return new TelepoolError("CONNECTION_LOST", classifyPgError({ code: "ECONNRESET" }).message);
}
