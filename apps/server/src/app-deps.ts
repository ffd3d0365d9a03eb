/** What the routes work with. */
import type { MetricSet, TelemetryPool } from "@telepool/core";
import type { AccessOptions } from "./access/access.ts";
import { type AppLimits, parseLimits } from "./app-limits.ts";
import { BodyBudget } from "./body/body-budget.ts";
import { Gate } from "./http/gate.ts";
import { atLeast, type Log, logToStderr } from "./observability/log.ts";
import { asOptions, type SettingWords } from "./sync/setting-words.ts";

/** The part of a store that the routes use. */
export type AppStore = Pick<
  TelemetryPool,
  | "addEvent"
  | "addProfile"
  | "aggregate"
  | "getProfile"
  | "getSession"
  | "health"
  | "importEvents"
  | "importProfiles"
  | "insertEvents"
  | "insertProfiles"
  | "metrics"
  | "onStored"
  | "prune"
  | "queryEvents"
  | "queryProfiles"
  | "querySessions"
  | "stats"
  | "syncToR2"
>;

/** Everything that the app does not make itself. */
export interface AppDeps {
  readonly store: AppStore;
  /** Where warnings and unexpected errors are reported; JSON lines on stderr by default. */
  readonly log?: Log;
  /** Whether each request is logged, at `debug`; off by default. */
  readonly logRequests?: boolean;
  /** Fires when the server begins to shut down: `/readyz` says so, and streams without an end are ended. */
  readonly draining?: AbortSignal;
  /** Who may do what; without tokens everybody may do everything. */
  readonly access?: AccessOptions;
  /** The origins whose pages may call the server (`https://app.example`); none by default. */
  readonly corsOrigins?: readonly string[];
  readonly limits?: AppLimits;
  /** Gets the server's own instruments, for whoever hands them to OpenTelemetry; `/metrics` shows them anyway. */
  readonly metrics?: MetricSet;
  /** How settings of the copy are called where they were made; as the paths of options by default. */
  readonly settingWords?: SettingWords;
}

/** The dependencies with their defaults, as every route gets them. */
export interface RouteDeps {
  readonly store: AppStore;
  readonly log: Log;
  readonly draining: AbortSignal;
  readonly limits: Required<AppLimits>;
  /** How settings of the copy are called. */
  readonly settingWords: SettingWords;
  /** The bodies that are in memory. */
  readonly budget: BodyBudget;
  /** The bodies of lines that are being stored. */
  readonly imports: Gate;
}

const NEVER: AbortSignal = new AbortController().signal;

/**
 * What the routes get of what the app got.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function routeDeps(deps: AppDeps): RouteDeps {
  const { store, log, draining = NEVER, limits = {}, settingWords = asOptions } = deps;
  const parsed = parseLimits(limits, "limits");
  return {
    store,
    log: log ?? atLeast("info", logToStderr()),
    draining,
    limits: parsed,
    settingWords,
    budget: new BodyBudget(parsed.maxBytesUnderWay),
    imports: new Gate("imports", parsed.maxImports),
  };
}
