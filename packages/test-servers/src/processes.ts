/**
 * Processes and their descendants by id, without `ps`, which a small image lacks. Linux answers from /proc, others
 * through `ps`. A process that has ended and whose parent has not taken notice counts as gone.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { eventually } from "./eventually.ts";

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** One letter: `T` is stopped, `Z` has ended. */
  readonly state: string;
}

/** SIGSTOP takes a moment to reach every thread; one that waits for a disk stops only when it goes on. */
const STOP_WITHIN_MS = 1000;

/** Stops a process and all its descendants, so that none starts another. Returns their ids, its own first. */
export function freezeTree(pid: number): number[] {
  const frozen: number[] = [];
  for (let found = [pid]; found.length > 0; found = childrenOf(frozen)) {
    for (const one of found) sendSignal(one, "SIGSTOP");
    const deadline = performance.now() + STOP_WITHIN_MS;
    while (!found.every(hasStopped) && performance.now() < deadline) Bun.sleepSync(1);
    frozen.push(...found);
  }
  return frozen;
}

/** Lets a process and all its descendants run again, itself last. */
export function thawTree(pid: number): void {
  const tree = [pid];
  for (let found = childrenOf(tree); found.length > 0; found = childrenOf(tree)) tree.push(...found);
  for (const one of tree.reverse()) sendSignal(one, "SIGCONT");
}

/** Ends a process and all its descendants by SIGKILL; resolves when all are gone. */
export async function killTree(pid: number): Promise<void> {
  await killAll(freezeTree(pid));
}

/** Ends processes by SIGKILL; resolves when all are gone. */
export async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) sendSignal(pid, "SIGKILL");
  await eventually(() => pids.every(isGone), { withinMs: 30_000, what: `the end of the processes ${pids.join(", ")}` });
}

export function isGone(pid: number): boolean {
  if (process.platform === "linux") return (readEntry(pid)?.state ?? "Z") === "Z";
  return !sendSignal(pid, 0);
}

/** Whether none of its threads runs. */
function hasStopped(pid: number): boolean {
  if (process.platform !== "linux") return /^[TZ]?$/.test(allProcesses().find((one) => one.pid === pid)?.state ?? "");
  return threadsOf(pid).every((thread) => /^[TtZX]$/.test(readEntry(pid, thread)?.state ?? "Z"));
}

/** Whether there was such a process. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** The children of these processes that are not among them. */
function childrenOf(pids: readonly number[]): number[] {
  const isNew = ({ pid, parent, state }: ProcessEntry) => pids.includes(parent) && !pids.includes(pid) && state !== "Z";
  return allProcesses()
    .filter(isNew)
    .map(({ pid }) => pid);
}

function allProcesses(): ProcessEntry[] {
  if (process.platform === "linux") return readdirSync("/proc").flatMap((name) => readEntry(Number(name)) ?? []);
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,state="], { encoding: "utf8" });
  return stdout.split("\n").map((line) => {
    const [pid, parent, state = ""] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state: state.slice(0, 1) };
  });
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // it ended in the meantime
  }
}

function readEntry(pid: number, thread: number = pid): ProcessEntry | undefined {
  if (!Number.isInteger(pid)) return undefined;
  try {
    // "pid (name) state parent …"; the name may hold blanks and brackets
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
    const [state = "", parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(parent), state };
  } catch {
    return undefined; // it ended in the meantime
  }
}
