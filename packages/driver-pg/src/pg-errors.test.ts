import { expect, test } from "bun:test";
import { classifyPgError, withoutValues } from "./pg-errors.ts";

function pgError(code: string, more: object = {}): Error {
  return Object.assign(new Error("the server's text, with 's3cr3t' in it"), {
    code,
    detail: "Key (id)=(s3cr3t)",
    ...more,
  });
}

test.each([
  ["40001", "DATABASE_BUSY", true],
  ["40P01", "DATABASE_BUSY", true],
  ["55P03", "DATABASE_BUSY", true],
  ["23505", "CONSTRAINT_VIOLATED", false],
  ["23514", "CONSTRAINT_VIOLATED", false],
  ["22P02", "STATEMENT_FAILED", false],
  ["42P01", "STATEMENT_FAILED", false],
  ["42501", "PERMISSION_DENIED", false],
  ["28P01", "PERMISSION_DENIED", false],
  ["3D000", "DATABASE_NOT_FOUND", false],
  ["25006", "READ_ONLY", false],
  ["53300", "CONNECT_FAILED", false],
  ["53100", "STORAGE_FULL", false],
  ["57014", "STATEMENT_TIMEOUT", false],
  ["57P01", "CONNECTION_LOST", false],
  ["57P03", "CONNECT_FAILED", false],
  ["08006", "CONNECTION_LOST", false],
  ["ECONNRESET", "CONNECTION_LOST", false],
  ["ECONNREFUSED", "CONNECT_FAILED", false],
  ["SELF_SIGNED_CERT_IN_CHAIN", "TLS_FAILED", false],
  ["99999", "STATEMENT_FAILED", false],
  ["toString", "STATEMENT_FAILED", false],
] as const)("%s is %s", (state, code, retryable) => {
  const known = classifyPgError(pgError(state));
  expect(known).toMatchObject({ code, retryable });
  if (!state.startsWith("42")) expect(known.message).not.toContain("s3cr3t");
});

test("a constraint is named, and so is what a wrong statement asks for", () => {
  const constraint = classifyPgError(pgError("23505", { constraint: "notes_pkey", table: "notes" }));
  expect(constraint.message).toContain("(23505, constraint notes_pkey, table notes)");
  const missing = Object.assign(new Error('relation "no_such"\n does not exist'), { code: "42P01" });
  expect(classifyPgError(missing).message).toContain('relation "no_such" does not exist');
});

test("what a cause would tell of a row is taken out of it", () => {
  const logged = (error: unknown) => `${(error as Error).stack} ${JSON.stringify({ ...(error as Error) })}`;
  expect(logged(withoutValues(pgError("22P02", { where: "s3cr3t", internalQuery: "s3cr3t" })))).not.toContain("s3cr3t");
  expect(logged(withoutValues(pgError("23505")))).not.toContain("Key (id)");
  const other = new Error("not the server's");
  expect(withoutValues(other)).toBe(other);
});
