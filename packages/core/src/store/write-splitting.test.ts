import { expect, test } from "bun:test";
import { TelepoolError } from "../errors.ts";
import { writeSplitting } from "./write-splitting.ts";

/** A table that refuses rows that begin with `bad`. */
class Table {
  readonly stored: string[] = [];
  writes = 0;

  readonly write = async (rows: readonly string[]): Promise<void> => {
    this.writes++;
    if (rows.some((row) => row.startsWith("bad"))) throw new TelepoolError("CONSTRAINT_VIOLATED", "a row is bad");
    this.stored.push(...rows);
  };
}

test("bad rows are found by halving, and all others are stored in their order", async () => {
  const table = new Table();
  const refused: string[] = [];
  const rows = ["a", "bad 1", "b", "c", "d", "bad 2", "e"];
  await writeSplitting(rows, table.write, (row, error) => refused.push(`${row}: ${error.code}`));
  expect(table.stored).toEqual(["a", "b", "c", "d", "e"]);
  expect(refused).toEqual(["bad 1: CONSTRAINT_VIOLATED", "bad 2: CONSTRAINT_VIOLATED"]);
});

test("good rows are written once", async () => {
  const table = new Table();
  await writeSplitting(["a", "b"], table.write, () => expect.unreachable());
  expect(table.writes).toBe(1);
});

test("what is no row's fault is thrown at once", async () => {
  const failure = new TelepoolError("STORAGE_FULL", "the disk is full");
  let writes = 0;
  const write = async (): Promise<void> => {
    writes++;
    throw failure;
  };
  expect(await writeSplitting(["a", "b"], write, () => {}).catch((error: unknown) => error)).toBe(failure);
  expect(writes).toBe(1);
});

test("what onRefused throws ends the writing", async () => {
  const table = new Table();
  const refuse = (_row: string, error: TelepoolError): never => {
    throw error;
  };
  const writing = writeSplitting(["a", "bad", "b", "c"], table.write, refuse);
  expect(await writing.catch((error: unknown) => error)).toMatchObject({ code: "CONSTRAINT_VIOLATED" });
  expect(table.stored).toEqual(["a"]);
});
