/** What the operating system says of another process; what it does not say is not a number, and the report goes on. */
import { readFileSync } from "node:fs";

const MB = 1e6;
/** Linux counts processor time in these for programs, on every architecture (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** The memory that a process has now, and the most that it ever had, in 10^6 bytes. */
export function memoryOf(pid: number): { readonly residentMb: number; readonly peakMb: number } {
  const status = fileOf(pid, "status");
  if (status !== undefined) return { residentMb: mbIn(status, "VmRSS"), peakMb: mbIn(status, "VmHWM") };
  return { residentMb: psResidentMb(pid), peakMb: Number.NaN };
}

/** The processor time that a process has used in all its threads, kernel included, in seconds. Linux alone says it. */
export function cpuSecondsOf(pid: number): number {
  const stat = fileOf(pid, "stat");
  return stat === undefined ? Number.NaN : cpuSecondsIn(stat);
}

/** A line of /proc/PID/status, in 10^6 bytes. */
export function mbIn(status: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return (Number(kib) * 1024) / MB;
}

/** The 14th and 15th field of /proc/PID/stat; the second is the program's name, which may hold spaces and brackets. */
export function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function fileOf(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}

function psResidentMb(pid: number): number {
  try {
    const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(pid)]);
    return (Number(stdout.toString().trim()) * 1024) / MB;
  } catch {
    return Number.NaN;
  }
}
