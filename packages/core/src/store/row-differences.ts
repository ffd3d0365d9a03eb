/**
 * What two rows differ in. A database may write the same document with its keys in another order and other blanks; what counts
 * is the parsed document.
 */
import { type JsonValue, parseJson } from "./json.ts";
import { COLUMNS, JSON_COLUMN, type RawRow, type TableName } from "./raw-rows.ts";

/** A row of a table that is not known here. */
type AnyRow = Readonly<Record<string, unknown>>;

/** A column of a row. */
interface ColumnValue {
  readonly name: string;
  readonly value: unknown;
  readonly isJson: boolean;
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

/** The columns of a row, in the order of the table's. */
export function columnsOf<T extends TableName>(table: T, row: RawRow<T>): ColumnValue[] {
  const values = row as unknown as AnyRow; // a row is readable by the names of its columns
  return COLUMNS[table].map((name) => ({ name, value: values[name], isJson: name === JSON_COLUMN[table] }));
}

/** JSON with its keys in order and no blanks; what is no JSON, which telepool does not write, is taken as it is. */
export function canonicalText(text: string): string {
  const value = parseJson(text);
  return value === undefined ? `?${text}` : canonical(value);
}

function canonical(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)); // keys are distinct
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}
