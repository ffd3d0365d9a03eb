/**
 * Very many profiles that wait to be copied, and a first copy of as many: memory, time and requests of a process that does
 * nothing else. The files are filled by another process before, so that no memory of that is counted.
 */
import { fileURLToPath } from "node:url";
import { plainEnvironment } from "../env.ts";
import type { Measured } from "../measure.ts";
import { withScratch } from "../sqlite/scratch.ts";
import type { BenchR2 } from "./bench-r2.ts";
import type { Size } from "./size.ts";

const FILL = fileURLToPath(import.meta.resolve("./fill-process.ts"));
const SYNC = fileURLToPath(import.meta.resolve("./sync-process.ts"));

export const BACKLOG = "a backlog, by the log";
export const FIRST_COPY = "a first copy, by a checkpoint";

/** What a process that copied says of it. */
export interface SyncRun {
  /** From opening the store on. */
  readonly seconds: number;
  /** The most memory that the process ever had, in 10^6 bytes. */
  readonly peakMb: number;
  readonly classA: number;
  readonly objects: number;
  readonly bytes: number;
  /** Profiles that were copied. */
  readonly profiles: number;
}

/** What was found. */
export interface BacklogFigures {
  readonly peakMb: Measured;
  readonly seconds: Measured;
  /** The last runs. */
  readonly backlog: SyncRun;
  readonly firstCopy: SyncRun;
}

/** Measures both, in turns. */
export async function measureBacklog(r2: BenchR2, { backlogRows, backlogRounds }: Size): Promise<BacklogFigures> {
  const backlogs: SyncRun[] = [];
  const firstCopies: SyncRun[] = [];
  for (let round = 0; round < backlogRounds; round++) {
    backlogs.push(await runSync(r2, backlogRows, "backlog"));
    firstCopies.push(await runSync(r2, backlogRows, "first copy"));
  }
  const [backlog, firstCopy] = [backlogs.at(-1), firstCopies.at(-1)];
  if (backlog === undefined || firstCopy === undefined) throw new Error("there must be a round");
  const measured = (what: "peakMb" | "seconds", name: string, unit: string): Measured => ({
    suite: "r2",
    name: `${backlogRows} profiles: ${name}`,
    unit,
    figures: new Map([
      [BACKLOG, backlogs.map((run) => run[what])],
      [FIRST_COPY, firstCopies.map((run) => run[what])],
    ]),
  });
  return {
    peakMb: measured("peakMb", "peak memory", "MB"),
    seconds: measured("seconds", "time", "s"),
    backlog,
    firstCopy,
  };
}

async function runSync(r2: BenchR2, rows: number, what: "backlog" | "first copy"): Promise<SyncRun> {
  return await withScratch(async (path) => {
    const place = JSON.stringify(r2.newPlace());
    await run(FILL, path, String(rows), ...(what === "backlog" ? [place] : []));
    const found = JSON.parse(await run(SYNC, path, place)) as SyncRun; // what it prints
    if (found.profiles !== rows) throw new Error(`of ${rows} profiles ${found.profiles} were copied`);
    return found;
  });
}

/** Runs a program of the bench to its end, and gives what it printed. */
async function run(program: string, ...args: readonly string[]): Promise<string> {
  const child = Bun.spawn([process.execPath, program, ...args], {
    env: plainEnvironment(),
    stdout: "pipe",
    stderr: "inherit",
  });
  const [code, text] = await Promise.all([child.exited, child.stdout.text()]);
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return text;
}
