/**
 * Type-checks every fenced `ts` block of the READMEs and of docs/, all in one tsc run, and runs those whose fence says
 * `ts run` under bun, each in an empty folder and for at most 20 s. `ts no-check <reason>` leaves a block out.
 * A block stands for itself: it imports what it uses. Messages name the line of the Markdown file, because a block is
 * written at its own line number. Run: `pnpm check:examples`, or `bun run scripts/check-examples.ts <root>`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

interface Example {
  readonly doc: string;
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  readonly mode: string;
  readonly reason: string;
  readonly code: string;
}

const DOCS = ["README.md", "packages/*/README.md", "apps/*/README.md", "docs/**/*.md"];
const RUN_LIMIT_MS = 20_000;

export interface Outcome {
  readonly checked: number;
  readonly ran: number;
  /** Blocks left out on purpose, each with its reason. */
  readonly leftOut: readonly string[];
  readonly failures: readonly string[];
}

export async function checkExamples(root: string): Promise<Outcome> {
  const docs = DOCS.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })]).sort();
  const examples = docs.flatMap((doc) => readExamples(doc, readFileSync(join(root, doc), "utf8")));
  const checked = examples.filter(({ mode }) => mode === "" || mode === "run");
  const leftOut = examples.filter(({ mode, reason }) => mode === "no-check" && reason !== "");
  const failures = examples.filter((example) => !checked.includes(example) && !leftOut.includes(example)).map(misfit);

  const folder = join(root, "reports/examples");
  rmSync(folder, { recursive: true, force: true });
  const written = new Map(checked.map((example) => [fileName(example), example]));
  for (const [name, { code, line }] of written) {
    await Bun.write(join(folder, name), `${"\n".repeat(line)}${code}\nexport {};\n`);
  }
  if (written.size > 0) failures.push(...(await typeErrors(root, folder, written)));
  const runnable = [...written].filter(([, { mode }]) => mode === "run");
  if (failures.length === 0) {
    for (const [name, example] of runnable) failures.push(...(await runExample(join(folder, name), example)));
  }
  return {
    checked: checked.length,
    ran: failures.length === 0 ? runnable.length : 0,
    leftOut: leftOut.map(({ doc, line, reason }) => `${doc}:${line} ${reason}`),
    failures,
  };
}

function readExamples(doc: string, text: string): Example[] {
  const found: Example[] = [];
  let open: { fence: string; indent: number; line: number; info: string; body: string[] } | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, indent = "", fence = "", info = ""] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? [];
    if (!open) {
      if (fence) open = { fence, indent: indent.length, line: index + 1, info: info.trim(), body: [] };
    } else if (fence.startsWith(open.fence) && info.trim() === "") {
      const [language = "", mode = "", ...reason] = open.info.split(/\s+/);
      const code = open.body.join("\n");
      if (/^(ts|typescript)$/.test(language))
        found.push({ doc, line: open.line, mode, reason: reason.join(" "), code });
      open = undefined;
    } else {
      open.body.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
    }
  }
  return found;
}

function misfit({ doc, line, mode }: Example): string {
  if (mode === "no-check") return `${doc}:${line} "ts no-check" wants a reason behind it`;
  return `${doc}:${line} "ts ${mode}" is unknown; a block is "ts", "ts run" or "ts no-check <reason>"`;
}

function fileName({ doc, line }: Example): string {
  return `${doc.replaceAll(/[^\w.-]/g, "_")}.L${line}.ts`;
}

async function typeErrors(root: string, folder: string, written: ReadonlyMap<string, Example>): Promise<string[]> {
  const compilerOptions = { declaration: false, isolatedDeclarations: false, noUnusedLocals: false };
  const config = { extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"], exclude: [] };
  await Bun.write(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = Bun.which("tsc") ?? join(import.meta.dir, "../node_modules/.bin/tsc");
  const run = Bun.spawnSync([tsc, "-p", folder, "--pretty", "false"], { cwd: root });
  if (run.exitCode === 0) return [];
  const output = `${run.stdout}${run.stderr}`;
  return output
    .trim()
    .split("\n")
    .map((message) =>
      message.replace(/^(.*?)\((\d+),(\d+)\)/, (all, path: string, line: string, column: string) => {
        const example = written.get(relative(folder, join(root, path)));
        return example ? `${example.doc}:${line}:${column}` : all;
      }),
    );
}

async function runExample(file: string, { doc, line }: Example): Promise<string[]> {
  const cwd = mkdtempSync(join(tmpdir(), "telepool-example-"));
  try {
    const limit = { timeout: RUN_LIMIT_MS, killSignal: "SIGKILL" } as const;
    const child = Bun.spawn([process.execPath, file], { cwd, stdout: "pipe", stderr: "pipe", ...limit });
    const [code, out, err] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
    if (child.signalCode) return [`${doc}:${line} did not end within ${RUN_LIMIT_MS} ms\n${out}${err}`];
    return code === 0 ? [] : [`${doc}:${line} ended with ${code}\n${out}${err}`];
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const root = process.argv[2] ?? join(import.meta.dir, "..");
  const { checked, ran, leftOut, failures } = await checkExamples(root);
  for (const example of leftOut) console.log(`not checked: ${example}`);
  for (const failure of failures) console.error(failure);
  if (failures.length === 0) console.log(`${checked} examples hold, ${ran} of them ran`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
