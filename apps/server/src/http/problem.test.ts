import { expect, test } from "bun:test";
import { type ErrorCode, TelepoolError } from "@telepool/core";
import { failingStore } from "../../test/failing-store.ts";
import { createApp } from "../create-app.ts";
import type { LogEntry } from "../observability/log.ts";

/** What a client and the operator see when the store fails with `error`. */
async function failWith(error: unknown) {
  const store = failingStore(error);
  const entries: LogEntry[] = [];
  const app = createApp({ store, log: (entry) => entries.push(entry) });
  const response = await app.request("/pool-query?member=secret-name", { headers: { "x-request-id": "r1" } });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text,
    entries,
    problem: JSON.parse(text),
  };
}

const retried: ErrorCode[] = [
  "QUEUE_FULL",
  "POOL_OVERLOADED",
  "ACQUIRE_TIMEOUT",
  "DATABASE_BUSY",
  "POOL_CLOSED",
  "CONNECTION_LOST",
  "READ_ONLY",
];

for (const code of retried) {
  test(`${code} asks the client to come back`, async () => {
    const { status, retryAfter, problem } = await failWith(new TelepoolError(code, "no"));
    expect({ status, retryAfter, code: problem.code }).toEqual({ status: 503, retryAfter: "1", code });
  });
}

test("a failure that says how long to wait has the client wait so long, in whole seconds", async () => {
  const { retryAfter } = await failWith(new TelepoolError("QUEUE_FULL", "full", { retryAfterMs: 2100 }));
  expect(retryAfter).toBe("3");
});

test("a full disk is 507, and the operator learns of it", async () => {
  const { status, entries } = await failWith(new TelepoolError("STORAGE_FULL", "SQLITE_FULL: disk"));
  expect(status).toBe(507);
  expect(entries).toHaveLength(1);
});

test("what went wrong inside is in the log under the request's id, and not in the answer", async () => {
  const cause = new Error("near selec: syntax error");
  const { status, text, problem, entries } = await failWith(
    new TelepoolError("STATEMENT_FAILED", "SQLite could not run the statement (near selec)", { cause }),
  );
  expect(status).toBe(500);
  expect(text).not.toContain("selec");
  expect(problem).toMatchObject({ code: "STATEMENT_FAILED", title: "Internal Server Error", request_id: "r1" });
  expect(entries).toMatchObject([
    {
      level: "error",
      request_id: "r1",
      method: "GET",
      path: "/pool-query",
      status: 500,
      error: { code: "STATEMENT_FAILED", cause: { message: "near selec: syntax error" } },
    },
  ]);
  expect(JSON.stringify(entries)).not.toContain("secret-name");
});

test("an error that nobody foresaw is 500 without its message", async () => {
  const { status, text, problem, entries } = await failWith(new RangeError("inner detail"));
  expect(status).toBe(500);
  expect(problem.code).toBe("INTERNAL");
  expect(text).not.toContain("inner detail");
  expect(entries).toHaveLength(1);
});

test("the client's mistakes are not the operator's business", async () => {
  const { status, entries } = await failWith(
    new TelepoolError("INVALID_TEXT", "member holds a NUL", { field: "member" }),
  );
  expect(status).toBe(400);
  expect(entries).toEqual([]);
});
