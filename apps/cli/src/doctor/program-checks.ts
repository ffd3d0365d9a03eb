/** Checks of what the program runs on. */
import type { Finding } from "./finding.ts";

/** No clock that is right says less: the day of the first version. */
const FIRST_VERSION_MS = Date.UTC(2026, 10, 23);

/** Whether Bun is at least as new as `range` (`>=1.4.5`) asks for. */
export function checkBun(version: string, range: string): Finding {
  const check = "bun";
  if (Bun.semver.satisfies(version, range)) return { check, status: "ok", detail: version };
  return {
    check,
    status: "fail",
    detail: `${version}, telepool needs ${range}`,
    advice: "install a newer Bun: bun upgrade",
  };
}

/** Whether the clock can be right. */
export function checkClock(nowMs: number): Finding {
  const check = "clock";
  const detail = new Date(nowMs).toISOString();
  if (nowMs >= FIRST_VERSION_MS) return { check, status: "ok", detail };
  return { check, status: "fail", detail, advice: "set the clock: profiles get their time from it" };
}
