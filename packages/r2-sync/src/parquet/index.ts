/** Rows of a store as Parquet files and back. Nothing here reaches for a network, and nothing loads the AWS SDK. */
export { dayOf, NULL_PARTITION } from "./day-of.ts";
export { decodeParquet } from "./decode-parquet.ts";
export { encodeParquet } from "./encode-parquet.ts";
export { type ParquetFile, type PartitionLimits, partitionRows } from "./partition-rows.ts";
export { type ParquetRow, type ParquetTable, TABLE_FOLDERS } from "./table-columns.ts";
