/** The thread side of a database worker: opens one connection and does what its host asks, one task after the other. */
import type { Database } from "bun:sqlite";
import { isTelepoolError } from "@telepool/core";
import { openDatabase } from "./open-database.ts";
import { runStatement } from "./run-statement.ts";
import { resultCode } from "./sqlite-errors.ts";
import { Statements } from "./statements.ts";
import type { CheckpointResult, WorkerFailure, WorkerReply, WorkerRequest, WorkerTask } from "./worker-protocol.ts";

declare const self: Worker;

/** A worker may block while another process holds a lock: it holds up nobody but its own caller. */
const BUSY_TIMEOUT_MS = 5000;

let database: Database | undefined;
let statements: Statements | undefined;

self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  self.postMessage(answer(data));
};

function answer({ number, task }: WorkerRequest): WorkerReply {
  try {
    return { number, result: perform(task) };
  } catch (error) {
    return { number, failure: toFailure(error) };
  }
}

function perform(task: WorkerTask): WorkerReply["result"] {
  if (task.kind === "open") {
    database = openDatabase(task.config, { writes: task.writes, busyTimeoutMs: BUSY_TIMEOUT_MS });
    statements = new Statements(database);
    return undefined;
  }
  if (database === undefined || statements === undefined) throw new Error("the worker has no database open");
  if (task.kind === "execute") return runStatement(statements, task.statement);
  if (task.kind === "checkpoint") return checkpoint(database);
  statements.clear();
  database.close();
  return undefined;
}

/** Copies what readers allow from the log into the database, without waiting for anybody. */
function checkpoint(target: Database): CheckpointResult {
  const row = target.query<{ log: number; checkpointed: number }, []>("pragma wal_checkpoint(passive)").get();
  return { logPages: row?.log ?? 0, copiedPages: row?.checkpointed ?? 0 };
}

function toFailure(error: unknown): WorkerFailure {
  return {
    message: error instanceof Error ? error.message : String(error),
    code: isTelepoolError(error) ? error.code : resultCode(error),
    isTelepoolError: isTelepoolError(error),
  };
}
