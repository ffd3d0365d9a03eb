/** Transactions that concurrent writers may be in the way of: by a deadlock, or by a lock that was kept too long. */
import type { Kysely, Transaction } from "kysely";
import { isTelepoolError } from "../errors.ts";

const ATTEMPTS = 10;
const MAX_PAUSE_MS = 250;

/** How a transaction is done again. */
export interface AgainOptions {
  /** Whether an error may pass; a busy database by default. */
  readonly mayPass?: (error: unknown) => boolean;
  /** What comes between two attempts: a pause by default, which grows. What it throws ends the attempts. */
  readonly between?: (attempt: number) => Promise<void>;
}

/** Does work in a transaction, and all of it again, ten times at most, when its error may pass. */
export async function inTransaction<DB, T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<T>,
  { mayPass = isBusy, between = pause }: AgainOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === ATTEMPTS || !mayPass(error)) throw error;
      await between(attempt);
    }
  }
}

/** Whether others were in the way. */
export function isBusy(error: unknown): boolean {
  return isTelepoolError(error, "DATABASE_BUSY");
}

/** 1, 2, 4 … 250 ms, of which a part is left to chance, so that two do not meet again. */
async function pause(attempt: number): Promise<void> {
  const longest = Math.min(2 ** (attempt - 1), MAX_PAUSE_MS);
  await new Promise<void>((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
