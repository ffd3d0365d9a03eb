/** Runs one statement and gives back its rows or its count; the same in the program's thread and in a worker. */
import type { SqlStatement, StatementResult } from "@telepool/core";
import type { Statements } from "./statements.ts";

type Binding = string | number | bigint | boolean | null | Uint8Array;

/** Runs a statement with its parameters. */
export function runStatement(statements: Statements, { sql, parameters }: SqlStatement): StatementResult {
  const statement = statements.get(sql);
  const bindings = parameters as Binding[]; // what bun:sqlite cannot bind it refuses itself
  if (statement.columnNames.length === 0) return { rows: [], affectedRows: BigInt(statement.run(...bindings).changes) };
  const rows = statement.all(...bindings) as Record<string, unknown>[];
  return { rows };
}
