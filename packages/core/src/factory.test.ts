/** Loading a driver's package, from folders in which it is missing, present, broken or too old. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTelepoolError } from "./errors.ts";
import { parseKind } from "./factory.ts";

const SCRIPT = `
import { loadDriver } from "../core/factory.ts";
const outcome = await loadDriver("sqlite", { path: "x.db" }).then(
  (driver) => ({ driver }),
  (error) => ({ code: error.code, message: error.message }),
);
console.log(JSON.stringify(outcome));
`;

let folder: string;

/** An application beside a core that has no packages of its own: only the application may have the driver. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telepool-factory-"));
  mkdirSync(join(folder, "core"));
  mkdirSync(join(folder, "app"));
  for (const file of ["factory.ts", "errors.ts", "import-package.ts"]) {
    cpSync(join(import.meta.dir, file), join(folder, "core", file));
  }
  writeFileSync(join(folder, "app/main.ts"), SCRIPT);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function installDriver(source: string): void {
  const path = join(folder, "app/node_modules/@telepool/driver-sqlite");
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, "package.json"),
    '{"name": "@telepool/driver-sqlite", "type": "module", "exports": "./index.js"}',
  );
  writeFileSync(join(path, "index.js"), source);
}

function load(cwd: string): { driver?: unknown; code?: string; message?: string } {
  const run = Bun.spawnSync([process.execPath, "--no-install", join(folder, "app/main.ts")], { cwd });
  return JSON.parse(run.stdout.toString() || JSON.stringify({ message: run.stderr.toString() }));
}

describe("a driver's package", () => {
  test("that is not installed is named, with the command that installs it", () => {
    const { code, message } = load(folder);
    expect(code).toBe("DRIVER_NOT_INSTALLED");
    expect(message).toBe(
      "the package @telepool/driver-sqlite is not installed; install it with: bun add @telepool/driver-sqlite",
    );
  });

  test("is found in the application, from its folder and from any other", () => {
    installDriver("export const sqliteDriver = (options) => ({ made: options });");
    expect(load(join(folder, "app"))).toEqual({ driver: { made: { path: "x.db" } } });
    expect(load(folder)).toEqual({ driver: { made: { path: "x.db" } } });
  });

  test("of another version is named as such", () => {
    installDriver("export const somethingElse = 1;");
    const { code, message } = load(folder);
    expect(code).toBe("DRIVER_NOT_INSTALLED");
    expect(message).toContain("has no export sqliteDriver");
  });

  test("that cannot load what it needs itself tells its own error", () => {
    installDriver('import "a-package-that-is-missing"; export const sqliteDriver = () => ({});');
    const { code, message } = load(folder);
    expect(code).not.toBe("DRIVER_NOT_INSTALLED");
    expect(message).toContain("a-package-that-is-missing");
  });
});

test("a kind that is not known is refused", () => {
  expect(parseKind("sqlite")).toBe("sqlite");
  for (const kind of ["oracle", "toString", "", 5, null, undefined]) {
    const refuse = () => parseKind(kind);
    expect(refuse).toThrow("one of: sqlite");
    expect(isTelepoolError(thrownBy(refuse), "INVALID_ARGUMENT")).toBe(true);
  }
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
