/**
 * Looks at the packages as their users get them. Packs each one that is not private, runs publint and attw on the
 * tarball, installs all tarballs in an empty project, type-checks an import of every entry against the shipped
 * declarations, imports every entry under bun, and those that are for Node under node, writes and reads a profile, and
 * asks the installed `telepool` for its version. Wants dist/ to be built: `pnpm check:packages` does both.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
  /** What a program writes behind `from` to reach each entry; without those that are programs themselves. */
  readonly entries: readonly string[];
  /** Those of them that say that they run on Node. */
  readonly nodeEntries: readonly string[];
}

/** An entry that runs when it is imported, and so cannot just be looked at. */
const PROGRAM = "./main";
/** Entries for Node of a package that as a whole is for Bun. */
const NODE_ENTRIES: readonly string[] = ["@telepool/server/client"];

const root = join(import.meta.dir, "..");
const work = mkdtempSync(join(tmpdir(), "telepool-packages-"));
// pnpm's shim of bun puts the workspace's hidden dependencies on NODE_PATH; here bun must find only what is declared.
const tools = join(work, "tools");
const env = {
  ...process.env,
  NODE_PATH: undefined,
  PATH: `${tools}:${join(root, "node_modules/.bin")}:${process.env.PATH ?? ""}`,
};

/** Runs a program to its end and returns what it printed; throws with all of it when the program fails. */
async function run(cwd: string, ...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd, env, stdout: "pipe", stderr: "pipe" });
  const [code, out, err] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  if (code === 0) return out.trim();
  throw new Error(`${command.map((word) => basename(word)).join(" ")} ended with ${code}\n${out}${err}`);
}

function readJson(...segments: string[]) {
  return JSON.parse(readFileSync(join(...segments), "utf8"));
}

async function pack(folder: string): Promise<Packed> {
  const { name, version, exports, engines } = readJson(root, folder, "package.json");
  await run(join(root, folder), "pnpm", "pack", "--pack-destination", work);
  const tarball = join(work, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  const strangers = (await run(work, "tar", "-tzf", tarball))
    .split("\n")
    .filter(
      (file) =>
        !/^package\/(dist\/.+\.(js|d\.ts)(\.map)?|dist\/swagger-ui\/[^/]+|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
          file,
        ),
    );
  if (strangers.length > 0) throw new Error(`${name} ships ${strangers.join(", ")}`);
  await run(work, "publint", "run", tarball, "--strict");
  await run(work, "attw", tarball, "--profile", "esm-only");
  const keys = Object.keys(exports).filter((key) => key !== PROGRAM);
  const entries = keys.map((key) => name + key.slice(1));
  const nodeEntries = "node" in engines ? entries : entries.filter((entry) => NODE_ENTRIES.includes(entry));
  if (!(await isForThisNode(engines.node))) return { name, version, tarball, entries, nodeEntries: [] };
  return { name, version, tarball, entries, nodeEntries };
}

/** Whether this machine's Node is one that a package wants; what wants a newer one is imported under Bun alone. */
async function isForThisNode(range = "*"): Promise<boolean> {
  return Bun.semver.satisfies((await run(work, "node", "--version")).trim().slice(1), range);
}

/** A program for Node that imports every entry of the packages that say that they run there. */
function nodeProgram(project: string, packages: readonly Packed[]): string {
  const entries = packages.flatMap(({ nodeEntries }) => nodeEntries);
  if (entries.length === 0) throw new Error("no package says that it runs on Node");
  const file = join(project, "node.mjs");
  const looks = entries.map(
    (entry) => `if (Object.keys(await import("${entry}")).length === 0) throw new Error("${entry}");\n`,
  );
  const end = 'const { createPool } = await import("@telepool/core");\nawait createPool("postgres://h/d").close();\n';
  writeFileSync(file, [...looks, end].join(""));
  return file;
}

async function consume(packages: readonly Packed[]): Promise<void> {
  const project = join(work, "project");
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const bunTypes = readJson(root, "node_modules/@types/bun/package.json").version;
  const manifest = { type: "module", private: true, dependencies: { ...tarballs, "@types/bun": bunTypes } };
  // A package that depends on another one gets that one's tarball too, not what a registry may hold.
  const overrides = Object.entries(tarballs).map(([name, tarball]) => `  "${name}": "${tarball}"\n`);
  await Bun.write(join(project, "package.json"), JSON.stringify(manifest));
  await Bun.write(join(project, "pnpm-workspace.yaml"), `hoist: false\noverrides:\n${overrides.join("")}`);
  await run(project, "pnpm", "install", "--prefer-offline", "--no-frozen-lockfile");

  const entries = packages.flatMap((packed) => packed.entries);
  const imports = entries.map((entry, index) => `import * as entry${index} from "${entry}";\n`);
  const checks = entries.map(
    (entry, index) => `if (Object.keys(entry${index}).length === 0) throw new Error("${entry}");\n`,
  );
  await Bun.write(join(project, "entries.ts"), [...imports, ...checks].join(""));
  copyFileSync(join(root, "scripts/package-consumer.ts"), join(project, "consumer.ts"));
  const compilerOptions = { ...readJson(root, "tsconfig.json").compilerOptions, isolatedDeclarations: false };
  await Bun.write(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await run(project, "tsc", "-p", ".");
  await run(project, "bun", "entries.ts");
  await run(project, "bun", "consumer.ts");
  await run(project, "node", nodeProgram(project, packages));

  const printed = await run(project, join(project, "node_modules/.bin/telepool"), "--version");
  const wanted = packages.find(({ name }) => name === "@telepool/cli")?.version;
  if (printed !== wanted) throw new Error(`telepool --version prints "${printed}", its package is ${wanted}`);
}

try {
  mkdirSync(tools);
  symlinkSync(process.execPath, join(tools, "bun"));
  const manifests = ["packages", "apps"].flatMap((group) => [
    ...new Bun.Glob(`${group}/*/package.json`).scanSync({ cwd: root }),
  ]);
  const folders = manifests.filter((manifest) => !readJson(root, manifest).private).map(dirname);
  const packages = await Promise.all(folders.sort().map(pack));
  await consume(packages);
  console.log(`${packages.length} packages pack, install and run: ${packages.map(({ name }) => name).join(", ")}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
