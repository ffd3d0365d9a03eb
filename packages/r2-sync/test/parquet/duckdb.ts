/** DuckDB in memory, and a folder for the files that it reads. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type Json } from "@duckdb/node-api";
import type { ParquetFile } from "@telepool/r2-sync/parquet";

/** A row as DuckDB tells it: 64-bit numbers as text. */
export type DuckRow = Readonly<Record<string, Json>>;

export class DuckFolder implements AsyncDisposable {
  readonly folder: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(folder: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.folder = folder;
    this.#instance = instance;
    this.#connection = connection;
  }

  static async create(): Promise<DuckFolder> {
    const folder = await mkdtemp(join(tmpdir(), "telepool-duckdb-"));
    const instance = await DuckDBInstance.create(":memory:");
    return new DuckFolder(folder, instance, await instance.connect());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Puts a file into the folder; returns where it is, as SQL. */
  async write(name: string, content: Uint8Array): Promise<string> {
    await Bun.write(join(this.folder, name), content);
    return this.sqlPath(name);
  }

  async writeAll(files: AsyncIterable<ParquetFile>): Promise<void> {
    for await (const { path, content } of files) await this.write(path, content);
  }

  sqlPath(name: string): string {
    return `'${join(this.folder, name)}'`;
  }

  /** The rows that a statement gives. `$DIR` in it is the folder. */
  async query(sql: string): Promise<DuckRow[]> {
    const reader = await this.#connection.runAndReadAll(sql.replaceAll("$DIR", this.folder));
    return reader.getRowObjectsJson();
  }
}
