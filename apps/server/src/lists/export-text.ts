/** Rows as text: lines of JSON, or CSV (RFC 4180) with the JSON of a row's object in one field. */
import { stringify } from "csv-stringify/sync";

/** Rows are written together up to this length, in UTF-16 units. */
const PIECE_LENGTH = 64 * 1024;

/** The forms of an export, with their media types. */
export const FORMATS = {
  ndjson: "application/x-ndjson",
  csv: "text/csv; charset=utf-8; header=present",
} as const;

export type Format = keyof typeof FORMATS;

/** The text of an export, in pieces; CSV begins with the names of the columns. */
export async function* exportText<Row extends object>(
  rows: AsyncIterable<Row>,
  columns: readonly (keyof Row & string)[],
  format: Format,
): AsyncGenerator<string, void, undefined> {
  const line = format === "csv" ? (row: Row) => csvLine(columns.map((column) => row[column])) : jsonLine;
  let piece = format === "csv" ? csvLine(columns) : "";
  for await (const row of rows) {
    piece += line(row);
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function jsonLine(row: object): string {
  return `${JSON.stringify(row)}\n`;
}

function csvLine(values: readonly unknown[]): string {
  return stringify([values], { record_delimiter: "windows" }); // objects become their JSON
}
