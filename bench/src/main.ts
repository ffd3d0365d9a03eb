/**
 * `pnpm bench [--suite name]… [--quick] [--out file] [--check]`: runs the suites, prints the table, writes the report.
 * With `--check` a missed goal is exit code 1, and so is a suite that could not be measured.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatReport, type Ratio, type Report, type Result, thisMachine, writeReport } from "./report.ts";
import type { Suite } from "./suite.ts";
import { httpServerSuite } from "./suites/http-server-suite.ts";
import { mysqlSuite } from "./suites/mysql-suite.ts";
import { pgSuite } from "./suites/pg-suite.ts";
import { poolSuite } from "./suites/pool-suite.ts";
import { r2Suite } from "./suites/r2-suite.ts";
import { sqliteSuite } from "./suites/sqlite-suite.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  pool: poolSuite,
  sqlite: sqliteSuite,
  pg: pgSuite,
  mysql: mysqlSuite,
  server: httpServerSuite,
  r2: r2Suite,
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      suite: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      out: { type: "string", default: join(import.meta.dir, "../results/latest.json") },
      check: { type: "boolean", default: false },
    },
  });
  const names = values.suite ?? Object.keys(SUITES);
  const unknown = names.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown !== undefined) {
    console.error(`no suite ${unknown}; there are: ${Object.keys(SUITES).join(", ")}`);
    return 2;
  }
  const results: Result[] = [];
  const ratios: Ratio[] = [];
  const notMeasured: Report["notMeasured"][number][] = [];
  for (const name of names) {
    console.error(`suite ${name} …`);
    const outcome = await SUITES[name]?.({ quick: values.quick });
    results.push(...(outcome?.results ?? []));
    ratios.push(...(outcome?.ratios ?? []));
    if (outcome?.notMeasured !== undefined) notMeasured.push({ suite: name, reason: outcome.notMeasured });
  }
  const report: Report = { machine: thisMachine(values.quick), results, ratios, notMeasured };
  writeReport(values.out, report);
  console.log(formatReport(report));
  const isMissed = notMeasured.length > 0 || ratios.some((ratio) => !ratio.ok);
  return values.check && isMissed ? 1 : 0;
}

process.exitCode = await main();
