/** The report: `bench/results/latest.json` for programs, a table for people. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import { type Measured, median } from "./measure.ts";

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly bun: string;
  readonly date: string;
  readonly quick: boolean;
}

/** The figures of one subject in one case. */
export interface Result {
  readonly suite: string;
  readonly name: string;
  readonly subject: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many rounds; 0 for a figure that somebody claims and nobody has measured. */
  readonly n: number;
}

/** A promise about two figures of the same run. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly goal: number;
  /** Whether the goal is the least or the most that the value may be. */
  readonly direction: "min" | "max";
  readonly ok: boolean;
}

/** All that a run has found. */
export interface Report {
  readonly machine: Machine;
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
  /** Suites of which there are no figures, with the reason. */
  readonly notMeasured: readonly { readonly suite: string; readonly reason: string }[];
}

/** What a suite gives back. */
export interface SuiteOutcome {
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
  /** Why there are no figures, in one line. */
  readonly notMeasured?: string;
}

/** A ratio against its goal. */
export function checkedRatio(name: string, value: number, direction: "min" | "max", goal: number): Ratio {
  return { name, value, goal, direction, ok: direction === "min" ? value >= goal : value <= goal };
}

/** The results of a measured case. */
export function resultsOf({ suite, name, unit, figures }: Measured): Result[] {
  return [...figures].map(([subject, values]) => ({
    suite,
    name,
    subject,
    unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    n: values.length,
  }));
}

/** The machine that this runs on. */
export function thisMachine(quick: boolean): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    bun: Bun.version,
    date: new Date().toISOString(),
    quick,
  };
}

/** Writes the report as JSON, creating its folder. */
export function writeReport(path: string, report: Report): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

/** The report as text. */
export function formatReport({ machine, results, ratios, notMeasured }: Report): string {
  const rows = results.map((result) => [
    `${result.suite}.${result.name}`,
    result.subject,
    figure(result.median),
    figure(result.min),
    figure(result.max),
    result.unit,
    String(result.n),
  ]);
  const goals = ratios.map((ratio) => [
    ratio.name,
    figure(ratio.value),
    `${ratio.direction === "min" ? ">=" : "<="} ${figure(ratio.goal)}`,
    ratio.ok ? "ok" : "MISSED",
  ]);
  const heading = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, Bun ${machine.bun}${machine.quick ? ", quick" : ""}`;
  return [
    heading,
    "",
    table(["case", "subject", "median", "min", "max", "unit", "n"], rows),
    "",
    table(["ratio", "value", "goal", ""], goals),
    ...notMeasured.map(({ suite, reason }) => `\n${suite} was not measured: ${reason}`),
  ].join("\n");
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isNumber = (cell: string) => /^[\d.,-]+$/.test(cell);
  return lines
    .map((line) =>
      line
        .map((cell, column) => (isNumber(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
