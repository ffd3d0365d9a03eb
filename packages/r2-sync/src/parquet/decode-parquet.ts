/**
 * From a Parquet file of telepool's to its rows. Files of other programs are refused, also when they hold the same columns: what
 * comes back is what was written, or an error.
 */
import { TelepoolError } from "@telepool/core";
import { type AsyncBuffer, type DecodedArray, type FileMetaData, parquetMetadata, parquetRead } from "hyparquet";
import { FILE_VERSION, TABLE_KEY, VERSION_KEY } from "./file-metadata.ts";
import { isIntact } from "./seal.ts";
import { type ParquetRow, type ParquetTable, TABLE_COLUMNS, type TableColumn } from "./table-columns.ts";
import { decompressPage } from "./zstd.ts";

/** The columns of some rows by their names; a nullable one holds `null` or `undefined` where there is nothing. */
type Columns = ReadonlyMap<string, readonly unknown[]>;

/** Exact: a byte-order mark stays, and what is not UTF-8 throws. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const PARSERS = {
  stringFromBytes: (bytes: Uint8Array): string => UTF8.decode(bytes),
  // Not a `Date`: that ends at 8.64e15.
  timestampFromMilliseconds: (milliseconds: bigint): number => Number(milliseconds),
};

/**
 * The rows of a file that `encodeParquet` made, in their order.
 *
 * @throws TelepoolError `COPY_DAMAGED` when a byte of it is not as it was written, it is another table's, or is no file of
 *   telepool's
 */
export async function decodeParquet<T extends ParquetTable>(table: T, file: Uint8Array): Promise<ParquetRow<T>[]> {
  const intact = isIntact(file);
  if (intact === undefined) throw damaged("the file is not a Parquet file that telepool wrote, or its end is missing");
  if (!intact) throw damaged("the Parquet file is damaged: its bytes are not those that its checksum was made of");
  try {
    const metadata = parquetMetadata(bufferOf(file));
    checkHead(table, metadata);
    const columns = await readColumns(file, metadata);
    return rowsOf(table, columns, Number(metadata.num_rows));
  } catch (cause) {
    if (cause instanceof TelepoolError) throw cause;
    throw new TelepoolError("COPY_DAMAGED", "the Parquet file cannot be read", { cause });
  }
}

function checkHead(table: ParquetTable, { key_value_metadata: entries, schema }: FileMetaData): void {
  const said = new Map(entries?.map(({ key, value }) => [key, value]));
  const version = said.get(VERSION_KEY);
  if (version !== FILE_VERSION) throw damaged(`the Parquet file has version ${version}, but only 1 can be read`);
  const holds = said.get(TABLE_KEY);
  if (holds !== table) throw damaged(`the Parquet file holds rows of ${holds}, not of ${table}`);
  const names = new Set(schema.map(({ name }) => name));
  const missing = TABLE_COLUMNS[table].find(({ name }) => !names.has(name));
  if (missing !== undefined) throw damaged(`the Parquet file of ${table} has no column ${missing.name}`);
}

async function readColumns(file: Uint8Array, metadata: FileMetaData): Promise<Columns> {
  const columns = new Map<string, unknown[]>(metadata.schema.slice(1).map(({ name }) => [name, []]));
  const source: AsyncBuffer = {
    byteLength: file.byteLength,
    slice: (start, end) => bufferOf(file.subarray(start, end)),
  };
  await parquetRead({
    file: source,
    metadata,
    compressors: { ZSTD: decompressPage },
    parsers: PARSERS,
    // Row groups are read side by side: a chunk says where it belongs. What this threw would be lost.
    onChunk: ({ columnName, columnData, rowStart }) => fill(columns.get(columnName), columnData, rowStart),
  });
  return columns;
}

function fill(column: unknown[] | undefined, values: DecodedArray, rowStart: number): void {
  if (column === undefined) return;
  for (let i = 0; i < values.length; i++) column[rowStart + i] = values[i];
}

function rowsOf<T extends ParquetTable>(table: T, columns: Columns, count: number): ParquetRow<T>[] {
  const sources = TABLE_COLUMNS[table].map((column) => ({ column, values: columns.get(column.name) ?? [] }));
  for (const { column, values } of sources) {
    if (values.length === count) continue;
    throw damaged(`the Parquet file of ${table} has ${count} rows, but ${values.length} of ${column.name}`);
  }
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const row: Record<string, unknown> = {};
    for (const { column, values } of sources) row[column.name] = storedValue(column, values[i]);
    rows.push(row);
  }
  return rows as ParquetRow<T>[]; // `storedValue` has looked at every value
}

function storedValue({ name, kind, nullable }: TableColumn, value: unknown): string | number | null {
  if (kind === "text" || kind === "json") {
    if (typeof value === "string") return value;
    if (nullable && (value === null || value === undefined)) return null;
  } else {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
  }
  throw damaged(`the Parquet file has a row whose ${name} is not what telepool writes`);
}

/** hyparquet wants whole buffers, and reads wherever it likes in them. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function damaged(message: string): TelepoolError {
  return new TelepoolError("COPY_DAMAGED", message);
}
