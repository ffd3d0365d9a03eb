/**
 * Holds the arrows of the architecture: which package may import which (see CONTRIBUTING.md).
 * Reads every .ts file of packages/, apps/, bench/ and scripts/, type imports included, and prints one line for each
 * import that goes against an arrow. Knows the packages by their folders: packages/x is @telepool/x.
 * Run: `pnpm arrows`, or `bun run scripts/check-arrows.ts <root>`.
 */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

interface Import {
  readonly name: string;
  /** "computed" is an import() whose name is no literal. */
  readonly kind: "static" | "dynamic" | "computed" | "type";
  readonly line: number;
}

interface SourceFile {
  readonly path: string;
  /** The folder that the file belongs to: "packages/core", "apps/cli", "bench", "scripts". */
  readonly workspace: string;
  readonly isTest: boolean;
  readonly imports: readonly Import[];
}

const FACTORY = "packages/core/src/factory.ts";
/** What the factory imports with, by a name that it hands over. */
const IMPORTER = "packages/core/src/import-package.ts";
const TESTING = "packages/core/src/testing/";
const TEST_SERVERS = "packages/test-servers";
const SOURCES = ["packages/*", "apps/*", "bench", "scripts"].map(
  (folder) => new Bun.Glob(`${folder}/**/*.{ts,tsx,mts}`),
);

/** One message for each broken arrow below `root`, in the order of the files. */
export function checkArrows(root: string): { files: number; breaches: string[] } {
  const paths = SOURCES.flatMap((glob) => [...glob.scanSync({ cwd: root })])
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/(^|\/)(node_modules|dist|reports)\//.test(path))
    .sort();
  const files = paths.map((path) => readSource(root, path));
  const breaches = files.flatMap((file) =>
    file.imports.flatMap((found) => {
      const rule = brokenRule(file, found);
      return rule ? [`${file.path}:${found.line} imports "${found.name}": ${rule}`] : [];
    }),
  );
  return { files: files.length, breaches: [...breaches, ...cycles(files)] };
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const imports = new Map<number, Import>();
  const add = (kind: Import["kind"], name: string, { start }: { start: number }) => {
    if (!imports.has(start)) imports.set(start, { name, kind, line: text.slice(0, start).split("\n").length });
  };
  const addStatic = (kind: "type" | "value", source: { value: string; start: number } | null) => {
    if (source) add(kind === "type" ? "type" : "static", source.value, source);
  };
  new Visitor({
    ImportDeclaration: (node) => addStatic(node.importKind ?? "value", node.source),
    ExportAllDeclaration: (node) => addStatic(node.exportKind ?? "value", node.source),
    ExportNamedDeclaration: (node) => addStatic(node.exportKind ?? "value", node.source),
    TSImportType: (node) => add("type", node.source.value, node.source),
    ImportExpression: ({ source }) => {
      const isName = source.type === "Literal" && typeof source.value === "string";
      if (isName) add("dynamic", source.value, source);
      else add("computed", text.slice(source.start, source.end), source);
    },
    // The factory has packages imported by their names in its table: there each string that names one counts as an import().
    Literal: (node) => {
      const names = path === FACTORY && typeof node.value === "string" && /^@telepool\/[\w-]+$/.test(node.value);
      if (names) add("dynamic", node.value, node);
    },
  }).visit(program);
  const workspace = /^(packages|apps)\/[^/]+|^[^/]+/.exec(path)?.[0] ?? path;
  return {
    path,
    workspace,
    isTest: /\.test\.tsx?$/.test(path) || path.startsWith(`${workspace}/test/`),
    imports: [...imports.values()],
  };
}

function brokenRule(file: SourceFile, found: Import): string | undefined {
  const { name } = found;
  const inPackage = file.workspace.startsWith("packages/");
  if (found.kind === "computed") {
    const free = !inPackage || file.isTest || file.path === IMPORTER;
    return free ? undefined : "a computed import() cannot be checked; write the name out";
  }
  if (name.startsWith(".")) {
    const target = resolveRelative(file, name);
    if (!target.startsWith(`${file.workspace}/`)) return `a relative import never leaves ${file.workspace}`;
    return target.startsWith(TESTING) ? testingRule(file) : undefined;
  }
  if (/^bun(:|$)/.test(name)) return bunRule(file, name);
  const [scope, target, ...below] = name.split("/");
  if (scope !== "@telepool" || target === undefined) return undefined;
  if (file.workspace === TEST_SERVERS) {
    return target === "test-servers" ? undefined : "test-servers imports no package of the workspace";
  }
  if (target === "test-servers") return testServersRule(file);
  if (target === "core" && below[0] === "testing") return testingRule(file);
  if (!inPackage || file.workspace === `packages/${target}`) return undefined;
  if (/^(server|cli|bench)$/.test(target)) return "a package never imports an app";
  if (file.workspace !== "packages/core") {
    return target === "core" ? undefined : `${file.workspace} imports no package of the workspace but @telepool/core`;
  }
  if (file.path === FACTORY && found.kind === "dynamic" && target.startsWith("driver-")) return undefined;
  return "core imports no package of the workspace, except a driver in an import() of src/factory.ts";
}

function testingRule(file: SourceFile): string | undefined {
  return file.isTest || file.path.startsWith(TESTING) ? undefined : "core/testing is for test files only";
}

function testServersRule(file: SourceFile): string | undefined {
  return file.isTest || file.workspace === "bench" ? undefined : "test-servers is for test files and the bench only";
}

function bunRule(file: SourceFile, name: string): string | undefined {
  const free = file.isTest || !file.workspace.startsWith("packages/") || file.workspace === "packages/driver-sqlite";
  if (free || (name === "bun:test" && file.path.startsWith(TESTING))) return undefined;
  return "Bun's own modules are for driver-sqlite, apps, bench, scripts and tests";
}

function resolveRelative(file: SourceFile, name: string): string {
  return posix.normalize(posix.join(dirname(file.path), name));
}

/** Circles of imports that exist at run time; `import type` is erased and may close one. */
function cycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(`circular import: ${[...trail.slice(start), path].join(" → ")}`);
    const file = byPath.get(path);
    if (start >= 0 || !file || done.has(path)) return;
    for (const { name, kind } of file.imports) {
      if (kind !== "type" && name.startsWith(".")) visit(resolveRelative(file, name), [...trail, path]);
    }
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return found;
}

if (import.meta.main) {
  const { files, breaches } = checkArrows(process.argv[2] ?? join(import.meta.dir, ".."));
  for (const breach of breaches) console.error(breach);
  if (files === 0) console.error("no source file found: nothing was checked");
  else if (breaches.length === 0) console.log(`the arrows hold in ${files} files`);
  process.exitCode = files === 0 || breaches.length > 0 ? 1 : 0;
}
