/** From rows to a Parquet file: Zstandard, 50 000 rows at most in a row group, minima and maxima of all columns but JSON. */
import { TelepoolError } from "@telepool/core";
import { ByteWriter, type ColumnSource, ParquetWriter } from "hyparquet-writer";
import { FILE_VERSION, TABLE_KEY, VERSION_KEY } from "./file-metadata.ts";
import { SEAL_KEY, seal, UNSEALED } from "./seal.ts";
import { fileSchema, type ParquetRow, type ParquetTable, TABLE_COLUMNS, type TableColumn } from "./table-columns.ts";
import { compressPage } from "./zstd.ts";

const ROWS_PER_GROUP = 50_000;

/**
 * The rows of a table as a Parquet file, in their order. It is meant for up to 8 MiB of text or 50 000 rows at a time, which it
 * holds about three times over while it runs, without a pause; the same rows give the same bytes.
 *
 * @throws TelepoolError `INVALID_TEXT` for half of a surrogate pair, which UTF-8 cannot say; `INVALID_ARGUMENT` for a value
 *   that its column cannot have
 */
export function encodeParquet<T extends ParquetTable>(table: T, rows: readonly ParquetRow<T>[]): Uint8Array {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: fileSchema(table),
    codec: "ZSTD",
    compressors: { ZSTD: compressPage },
    createdBy: "telepool",
    kvMetadata: [
      { key: TABLE_KEY, value: table },
      { key: VERSION_KEY, value: FILE_VERSION },
      { key: SEAL_KEY, value: UNSEALED },
    ],
  });
  const columnData = TABLE_COLUMNS[table].map((column) => columnSource(column, rows));
  // Into memory both are done when they return; what they throw, they throw at once.
  void parquet.write({ columnData, rowGroupSize: ROWS_PER_GROUP });
  void parquet.finish();
  const file = writer.getBytes().slice(); // the writer's own buffer is up to twice as large
  seal(file);
  return file;
}

function columnSource({ name, kind, nullable }: TableColumn, rows: readonly object[]): ColumnSource {
  const values = rows.map((row) => (row as Record<string, unknown>)[name]); // a row is readable by its columns
  if (kind === "time" || kind === "count") return { name, data: values.map((value) => toInteger(value, name)) };
  for (const value of values) if (value !== null || !nullable) checkText(value, name);
  // No two JSON texts are expected to be the same, and their order says nothing: neither dictionary nor bounds.
  return kind === "json" ? { name, data: values, encoding: "PLAIN", statistics: false } : { name, data: values };
}

function toInteger(value: unknown, field: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw new TelepoolError("INVALID_ARGUMENT", `a row's ${field} is not a whole number`, { field });
}

function checkText(value: unknown, field: string): void {
  if (typeof value !== "string") throw new TelepoolError("INVALID_ARGUMENT", `a row's ${field} is not text`, { field });
  if (value.isWellFormed()) return;
  throw new TelepoolError(
    "INVALID_TEXT",
    `a row's ${field} holds half of a surrogate pair, which is not Unicode text`,
    {
      field,
    },
  );
}
