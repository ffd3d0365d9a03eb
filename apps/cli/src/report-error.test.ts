import { expect, test } from "bun:test";
import { TelepoolError } from "@telepool/core";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { describeError } from "./report-error.ts";

test.each([
  ["INVALID_PROFILE", EXIT.usage],
  ["CONNECT_FAILED", EXIT.unreachable],
  ["DATABASE_NOT_FOUND", EXIT.unreachable],
  ["MIGRATION_FAILED", EXIT.unreachable],
  ["READ_ONLY", EXIT.unreachable],
  ["STORAGE_FULL", EXIT.failed],
] as const)("%s ends the program with %d", (code, exitCode) => {
  expect(describeError(new TelepoolError(code, "text"), undefined)).toMatchObject({ code, exitCode });
});

test("a connection that never came is reported by what kept it from coming", () => {
  const cause = new TelepoolError("NOT_A_DATABASE", "the file is no database");
  const report = describeError(new TelepoolError("ACQUIRE_TIMEOUT", "no connection", { cause }), undefined);
  expect(report).toMatchObject({
    code: "NOT_A_DATABASE",
    message: "the file is no database",
    exitCode: EXIT.unreachable,
  });
});

test("work that the user has ended is not a failure of its own", () => {
  const aborted = new TelepoolError("ABORTED", "the import was aborted");
  expect(describeError(aborted, EXIT.interrupted)).toMatchObject({ code: "INTERRUPTED", exitCode: EXIT.interrupted });
  expect(describeError(aborted, undefined)).toMatchObject({ code: "ABORTED", exitCode: EXIT.failed });
});

test("the program's own errors carry their exit code and hint", () => {
  const error = new CliError("USAGE", "a limit is missing", { hint: "give one" });
  expect(describeError(error, undefined)).toEqual({
    code: "USAGE",
    message: "a limit is missing",
    exitCode: EXIT.usage,
    hint: "give one",
  });
});

test("anything else is an error without a stack", () => {
  expect(describeError(new TypeError("boom"), undefined)).toEqual({
    code: "UNEXPECTED",
    message: "boom",
    exitCode: EXIT.failed,
  });
  expect(describeError(undefined, undefined).exitCode).toBe(EXIT.failed);
});
