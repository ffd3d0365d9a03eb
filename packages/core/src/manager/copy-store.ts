/**
 * Copying a store into another one, of any kind of database, while the source is written to. What does it is loaded at the
 * first copy: most programs never make one.
 */
import { checkKeys } from "../store/known-keys.ts";
import type { Opened } from "../store-opening.ts";
import { type TelemetryPool, workOn } from "../telemetry-pool.ts";
import type { CopyOptions, CopyResult } from "./copy-report.ts";

const KEYS: ReadonlySet<string> = new Set(["resume", "onProgress", "signal"]);

/**
 * Copies all sessions, profiles and events, and compares both sides. It resolves also when something differs: then
 * `verified` is false, and `differences` says what.
 *
 * @throws TelepoolError `INVALID_ARGUMENT` when the target holds rows and `resume` is not given, or is the source itself;
 *   `ABORTED`; what a database says that is no row's fault. What was written until then stays
 */
export async function copyStore(
  from: TelemetryPool,
  to: TelemetryPool,
  options: CopyOptions = {},
): Promise<CopyResult> {
  checkKeys(options, KEYS, "options");
  const { copyOpened, sameStore } = await import("./copy-opened.ts");
  if (from === to) throw sameStore();
  const { signal } = options;
  const copyFrom = (source: Opened) => workOn(to, "writes", (target) => copyOpened(source, target, options), signal);
  return await workOn(from, "reads", copyFrom, signal);
}
