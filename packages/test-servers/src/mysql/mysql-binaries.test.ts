import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mysqlPrograms } from "./mysql-binaries.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telepool-mysql-programs-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function place(...names: string[]): void {
  for (const name of names) writeFileSync(join(folder, name), "", { mode: 0o755 });
}

test("MariaDB is taken first, where its installer is there too", () => {
  place("mysqld", "mariadbd", "mariadb-install-db");
  expect(mysqlPrograms([folder])).toEqual({
    flavour: "MariaDB",
    server: join(folder, "mariadbd"),
    installer: join(folder, "mariadb-install-db"),
  });
});

test("Oracle's server needs no installer", () => {
  place("mysqld");
  expect(mysqlPrograms([folder])).toEqual({ flavour: "MySQL", server: join(folder, "mysqld") });
});

test("without any of them there are no programs", () => {
  place("mariadb-install-db");
  expect(mysqlPrograms([folder])).toBeUndefined();
});
