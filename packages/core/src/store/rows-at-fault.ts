/** Which failures of a batch may be the fault of a single row, so that the batch is worth splitting. */
import { type ErrorCode, isTelepoolError, type TelepoolError } from "../errors.ts";

const CODES: ReadonlySet<ErrorCode> = new Set(["CONSTRAINT_VIOLATED", "ROW_TOO_LARGE", "STATEMENT_FAILED"]);

/** Whether one row of the batch may have caused `error`. */
export function isRowAtFault(error: unknown): error is TelepoolError {
  return isTelepoolError(error) && CODES.has(error.code);
}
