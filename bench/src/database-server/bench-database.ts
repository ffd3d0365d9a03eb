/** A database that a suite makes for itself, with telepool's tables, which are emptied before every run. */
import { randomBytes } from "node:crypto";
import { createPool } from "@telepool/core";
import type { Administrator, Engine } from "./engine.ts";

/** Disposing drops it. */
export class BenchDatabase implements AsyncDisposable {
  readonly url: string;
  readonly #name: string;
  readonly #serverUrl: string;
  readonly #engine: Engine;
  readonly #administrator: Administrator;

  private constructor(engine: Engine, serverUrl: string, name: string, url: string, administrator: Administrator) {
    this.#engine = engine;
    this.#serverUrl = serverUrl;
    this.#name = name;
    this.url = url;
    this.#administrator = administrator;
  }

  static async create(engine: Engine, serverUrl: string): Promise<BenchDatabase> {
    const name = `telepool_bench_${randomBytes(8).toString("hex")}`;
    const server = await engine.connect(serverUrl);
    await server.query(`create database ${name}`);
    await server.close();
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const store = createPool(url.href);
    await store.open(); // makes the tables
    await store.close();
    return new BenchDatabase(engine, serverUrl, name, url.href, await engine.connect(url.href));
  }

  /** Empties the tables. */
  async empty(): Promise<void> {
    for (const statement of this.#engine.emptying) await this.#administrator.query(statement);
  }

  /** How many profiles are stored as they should be. */
  async storedProfiles(): Promise<number> {
    const [row] = await this.#administrator.query(this.#engine.counting);
    return Number(row?.stored);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#administrator.close();
    const server = await this.#engine.connect(this.#serverUrl);
    await this.#engine.drop(server, this.#name);
    await server.close();
  }
}
