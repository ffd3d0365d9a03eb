import { expect, test } from "bun:test";
import { classifyMysqlError, withoutValues } from "./mysql-errors.ts";

function serverError(errno: number, code = "ER_SOMETHING", text = "Duplicate entry 's3cr3t' for key"): Error {
  const sql = "insert … values ('s3cr3t')";
  return Object.assign(new Error(text), { errno, code, sqlState: "23000", sqlMessage: text, sql });
}

test.each([
  [1213, "DATABASE_BUSY", true],
  [1205, "DATABASE_BUSY", true],
  [1062, "CONSTRAINT_VIOLATED", false],
  [1048, "CONSTRAINT_VIOLATED", false],
  [4025, "CONSTRAINT_VIOLATED", false],
  [1045, "PERMISSION_DENIED", false],
  [1142, "PERMISSION_DENIED", false],
  [1419, "PERMISSION_DENIED", false],
  [1449, "PERMISSION_DENIED", false],
  [1049, "DATABASE_NOT_FOUND", false],
  [1040, "CONNECT_FAILED", false],
  [1792, "READ_ONLY", false],
  [1290, "READ_ONLY", false],
  [1969, "STATEMENT_TIMEOUT", false],
  [3024, "STATEMENT_TIMEOUT", false],
  [1114, "STORAGE_FULL", false],
  [1153, "ROW_TOO_LARGE", false],
  [1927, "CONNECTION_LOST", false],
  [1146, "STATEMENT_FAILED", false],
  [9999, "STATEMENT_FAILED", false],
] as const)("error %d is %s", (errno, code, retryable) => {
  expect(classifyMysqlError(serverError(errno))).toMatchObject({ code, retryable });
});

test.each([
  ["PROTOCOL_CONNECTION_LOST", "CONNECTION_LOST"],
  ["ECONNRESET", "CONNECTION_LOST"],
  ["ECONNREFUSED", "CONNECT_FAILED"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "TLS_FAILED"],
  ["HANDSHAKE_NO_SSL_SUPPORT", "TLS_FAILED"],
  ["toString", "STATEMENT_FAILED"],
] as const)("%s is %s", (thrown, code) => {
  expect(classifyMysqlError(Object.assign(new Error("text"), { code: thrown })).code).toBe(code);
});

test("what the server says is passed on where it speaks of names, and nowhere else", () => {
  const missing = classifyMysqlError(serverError(1146, "ER_NO_SUCH_TABLE", "Table 'd.no_such' doesn't exist"));
  expect(missing.message).toContain("(ER_NO_SUCH_TABLE: Table 'd.no_such' doesn't exist)");
  expect(classifyMysqlError(serverError(1062, "ER_DUP_ENTRY")).message).toContain("(ER_DUP_ENTRY)");
});

test("what a cause would tell of a row is taken out of it", () => {
  const cleaned = withoutValues(serverError(1062, "ER_DUP_ENTRY")) as Error;
  expect(`${cleaned.stack} ${JSON.stringify({ ...cleaned })} ${cleaned.message}`).not.toContain("s3cr3t");
  const other = new Error("not the server's");
  expect(withoutValues(other)).toBe(other);
});
