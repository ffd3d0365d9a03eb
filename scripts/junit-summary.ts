/**
 * Adds up the JUnit reports of all packages, names each test that failed, and prints `N passed, N failed` (and `, N skipped`) as
 * its last line.
 * A test file that is missing in its package's report did not load, or its process died: it counts as one failed test,
 * because Bun leaves it out. Each of the other steps that failed, whose number is given, counts as one too, so that the
 * last line tells the whole. Run: `bun run scripts/junit-summary.ts [failed steps]`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each test that failed: its package's folder, its file, its name, and what it says. */
  readonly failures: readonly string[];
  /** What the reports themselves do not say. */
  readonly problems: readonly string[];
}

const PACKAGES = ["packages/*/package.json", "apps/*/package.json", "bench/package.json"];
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** A test and its failure; the attributes of both. */
const FAILURE = /<testcase\b([^>]*)>\s*<failure\b([^>]*)>/g;
const TESTS = new Bun.Glob("{src,test,scripts}/**/*.test.{ts,tsx}");

export function summarize(root: string): Summary {
  const manifests = PACKAGES.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })]);
  const folders = [".", ...manifests.map((path) => path.slice(0, -"/package.json".length)).sort()];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const problems: string[] = [];
  for (const folder of folders) {
    const path = join(root, folder, "reports/junit.xml");
    const report = existsSync(path) ? readFileSync(path, "utf8") : "";
    const totals = /<testsuites\b[^>]*>/.exec(report)?.[0];
    if (totals) {
      const [failed, skipped] = [count(totals, "failures"), count(totals, "skipped")];
      sum.passed += count(totals, "tests") - failed - skipped;
      sum.failed += failed;
      sum.skipped += skipped;
    }
    for (const [, test = "", failure = ""] of report.matchAll(FAILURE)) {
      const place = `${join(folder, text(test, "file"))}:${text(test, "line")}`;
      failures.push(`${place} ${text(test, "name")}: ${text(failure, "message") || text(failure, "type")}`);
    }
    for (const file of [...TESTS.scanSync({ cwd: join(root, folder) })].sort()) {
      if (report.includes(` file="${file.replaceAll("\\", "/")}"`)) continue;
      sum.failed += 1;
      problems.push(`${join(folder, file)} is not in the report: it did not load, or its process died`);
    }
  }
  if (sum.passed + sum.failed === 0) problems.push("no test ran");
  return { ...sum, failures, problems };
}

function count(totals: string, attribute: string): number {
  const digits = new RegExp(`\\b${attribute}="(\\d+)"`).exec(totals)?.[1];
  if (digits === undefined) throw new Error(`no ${attribute} in ${totals}`);
  return Number(digits);
}

/** An attribute in one line of text. */
function text(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  const plain = value.replaceAll(/&(?:#(\d+)|(\w+));/g, (entity, digits?: string, letters = "") =>
    digits === undefined ? (ENTITIES[letters] ?? entity) : String.fromCodePoint(Number(digits)),
  );
  return plain.trim().replaceAll(/\s+/g, " ");
}

if (import.meta.main) {
  const { passed, failed: failedTests, skipped, failures, problems } = summarize(join(import.meta.dir, ".."));
  const failed = failedTests + Number(process.argv[2] ?? 0);
  for (const line of [...failures, ...problems]) console.error(line);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed > 0 || problems.length > 0 ? 1 : 0;
}
