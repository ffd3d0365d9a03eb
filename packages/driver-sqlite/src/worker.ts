/** The thread side of a database worker: opens one connection and does what its host asks, one task after the other. */
import type { Database } from "bun:sqlite";
import { isTelepoolError } from "@telepool/core";
import { openDatabase } from "./open-database.ts";
import { runStatement } from "./run-statement.ts";
import { resultCode } from "./sqlite-errors.ts";
import { Statements } from "./statements.ts";
import type { WorkerFailure, WorkerReply, WorkerRequest, WorkerTask } from "./worker-protocol.ts";

declare const self: Worker;

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
    database = openDatabase(task.config, task.settings);
    statements = new Statements(database);
    return undefined;
  }
  if (database === undefined || statements === undefined) throw new Error("the worker has no database open");
  if (task.kind === "execute") return runStatement(statements, task.statement);
  if (task.kind === "checkpoint") {
    statements.get(`pragma wal_checkpoint(${task.mode})`).values();
    return undefined;
  }
  statements.clear();
  database.close();
  return undefined;
}

function toFailure(error: unknown): WorkerFailure {
  return {
    message: error instanceof Error ? error.message : String(error),
    code: isTelepoolError(error) ? error.code : resultCode(error),
    isTelepoolError: isTelepoolError(error),
  };
}
