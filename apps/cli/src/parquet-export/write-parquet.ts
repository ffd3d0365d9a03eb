/** Rows into a folder of Parquet files. The codec comes with this module, so that only who exports Parquet loads it. */
import {
  type ParquetFile,
  type ParquetRow,
  type ParquetTable,
  partitionRows,
  TABLE_FOLDERS,
} from "@telepool/r2-sync/parquet";
import { writeFolderAtomically } from "./write-folder.ts";

/** What was written. */
export interface Written {
  readonly files: number;
  readonly rows: number;
}

/** Writes a table's rows; `onRows` is told how many have been taken in. */
export async function writeParquet<T extends ParquetTable>(
  folder: string,
  table: T,
  pages: AsyncIterable<readonly ParquetRow<T>[]>,
  onRows: (rows: number) => void,
): Promise<Written> {
  let files = 0;
  let rows = 0;
  const counted = async function* (): AsyncGenerator<readonly ParquetRow<T>[], void, undefined> {
    for await (const page of pages) {
      yield page;
      rows += page.length;
      onRows(rows);
    }
  };
  const seen = async function* (): AsyncGenerator<ParquetFile, void, undefined> {
    for await (const file of partitionRows(table, counted())) {
      yield file;
      files++;
    }
  };
  await writeFolderAtomically(folder, TABLE_FOLDERS[table], seen());
  return { files, rows };
}
