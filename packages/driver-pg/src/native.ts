/** What is used of pg's client, and nothing else; some of it is not in its types. */
import type { Socket } from "node:net";

/** A query as pg takes it. */
export interface PgQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** The name under which it is prepared, if it is. */
  readonly name?: string;
}

/** What pg answers. */
export interface PgAnswer {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number | null;
  /** The first word of the command that was completed, such as `INSERT`. */
  readonly command: string;
}

/** One client of pg. */
export interface PgClient {
  readonly connection: { readonly stream: Pick<Socket, "destroy"> };
  connect(): Promise<unknown>;
  query(query: PgQuery): Promise<PgAnswer>;
  end(): Promise<void>;
  /** Lets the process end though the socket is open. */
  unref(): void;
  /** `I` idle, `T` in a transaction, `E` in one that has failed: what the server said last. */
  getTransactionStatus(): string | null;
  on(event: "error" | "end", listener: (error?: unknown) => void): unknown;
}
