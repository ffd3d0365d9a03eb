/**
 * What two rows are compared by, and what a table is: digests that do not depend on the database. A database may write
 * the same document with its keys in another order and other blanks; the digest is that of the parsed document.
 */
import { createHash } from "node:crypto";
import { type JsonValue, parseJson } from "./json.ts";
import { COLUMNS, JSON_COLUMN, type RawRow, type TableName } from "./raw-rows.ts";

/** A row of a table that is not known here. */
type AnyRow = Readonly<Record<string, unknown>>;

/** The first 128 bits of the sha256 of a row's columns. */
export function rowDigest<T extends TableName>(table: T, row: RawRow<T>): bigint {
  const hash = createHash("sha256");
  const columns = columnsOf(table, row);
  hash.update(JSON.stringify(columns.filter(({ isJson }) => !isJson).map(({ value }) => value)));
  for (const { value, isJson } of columns) if (isJson) hash.update(canonicalText(String(value)));
  const bytes = hash.digest();
  return (bytes.readBigUInt64BE(0) << 64n) | bytes.readBigUInt64BE(8);
}

/** The names of the columns in which two rows of a table differ. */
export function differingColumns<T extends TableName>(table: T, one: RawRow<T>, other: RawRow<T>): string[] {
  const others = columnsOf(table, other);
  return columnsOf(table, one)
    .filter(({ value, isJson }, position) => {
      const counterpart = others[position]?.value;
      if (value === counterpart) return false;
      return !isJson || canonicalText(String(value)) !== canonicalText(String(counterpart));
    })
    .map(({ name }) => name);
}

/** Whether two rows are the same to the letter, which rows of one and the same database are. */
export function isSameText<T extends TableName>(table: T, one: RawRow<T>, other: RawRow<T>): boolean {
  const others = columnsOf(table, other);
  return columnsOf(table, one).every(({ value }, position) => value === others[position]?.value);
}

function columnsOf<T extends TableName>(table: T, row: RawRow<T>): { name: string; value: unknown; isJson: boolean }[] {
  const values = row as unknown as AnyRow; // a row is readable by the names of its columns
  return COLUMNS[table].map((name) => ({ name, value: values[name], isJson: name === JSON_COLUMN[table] }));
}

/** JSON with its keys in order and no blanks; what is no JSON, which telepool does not write, is taken as it is. */
function canonicalText(text: string): string {
  const value = parseJson(text);
  return value === undefined ? `?${text}` : canonical(value);
}

function canonical(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)); // keys are distinct
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}
