/**
 * Builds the program `telepool` as one executable file that needs nothing beside it, not even Bun: the command line, the
 * server with its pages, all drivers, and the scripts of SQLite's threads.
 * Run: `pnpm build:binary`, or `bun run scripts/build-binary.ts [<file>]`; without a file it is dist/telepool.
 */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = join(import.meta.dir, "..");

/** What a thread runs is a program of its own, which its host looks for beside itself under this file's name. */
const THREADS = ["packages/driver-sqlite/src/worker.ts"];

/** Builds the executable for this machine's platform, in the place of what is there; throws what the bundler found wrong. */
export async function buildBinary(file: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const work = mkdtempSync(join(dirname(file), ".building-")); // also takes the source maps, which Bun leaves beside it
  try {
    const built = join(work, "telepool");
    await bundle(built);
    renameSync(built, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function bundle(outfile: string): Promise<void> {
  await Bun.build({
    entrypoints: ["apps/cli/src/main.ts", ...THREADS].map((path) => join(root, path)),
    files: { [join(root, "packages/core/src/import-package.ts")]: importOfDrivers() },
    compile: { outfile, autoloadBunfig: false },
    naming: { entry: "[name].[ext]" },
    target: "bun",
    format: "esm",
    splitting: true, // a command loads only what it needs, as it does without a binary
    bytecode: true, // starts in half the time
    minify: { whitespace: true, syntax: true }, // the names of classes stay, for libraries that look at them
    sourcemap: "inline", // built in, for the places that an error's stack names
  });
}

/** A file in the place of core's own: names all drivers, so that the bundler sees them. */
function importOfDrivers(): string {
  const core = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8"));
  const drivers = Object.keys(core.peerDependencies).filter((name) => name.startsWith("@telepool/driver-"));
  const cases = drivers.map((name) => `case "${name}": return import("${name}");`);
  const otherwise = "default: throw new Error(name + ' is not built in');";
  return `export async function importPackage(name) { switch (name) { ${cases.join(" ")} ${otherwise} } }`;
}

if (import.meta.main) {
  const file = resolve(process.argv[2] ?? join(root, "dist/telepool"));
  await buildBinary(file);
  console.log(`${file}, ${(statSync(file).size / 1e6).toFixed(0)} MB`);
}
