/** What the routes work with. */
import type { MetricSet, TelemetryPool } from "@telepool/core";
import type { AccessOptions } from "./access/access.ts";
import { BodyBudget } from "./body/body-budget.ts";
import { Gate } from "./http/gate.ts";
import { type Log, logToStderr } from "./observability/log.ts";

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
  | "profiles"
  | "prune"
  | "queryEvents"
  | "queryProfiles"
  | "querySessions"
  | "stats"
>;

/** How much a request may ask for; all of it has a default. */
export interface AppLimits {
  /** The largest body that is read as a whole, and the longest line of one that is streamed, in bytes; 16 MiB by default. */
  readonly maxBodyBytes?: number;
  /** How many bytes of bodies may be in memory at once; 64 MiB by default, or `maxBodyBytes` where that is more. */
  readonly maxBytesUnderWay?: number;
  /**
   * How long a request may take from its head to its answer, in seconds; 30 by default. It does not hold for large and for
   * streamed bodies, exports and the tail, for which `idleMs` does. Bun's server holds it; the app gives it back after those.
   */
  readonly requestTimeoutS?: number;
  /** How long a request's body may stand still, and a reader of an export or the tail, in milliseconds; 30 000 by default. */
  readonly idleMs?: number;
  /** How long a query may take, in milliseconds; 25 000 by default. */
  readonly queryTimeoutMs?: number;
  /** How many bodies of lines may be stored at once; 64 by default. */
  readonly maxImports?: number;
  /** How many exports, and how many aggregates, may run at once; 8 by default. */
  readonly maxLongQueries?: number;
  /** How many clients may follow the live tail at once; 100 by default. */
  readonly maxTailReaders?: number;
}

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
}

/** The dependencies with their defaults, as every route gets them. */
export interface RouteDeps {
  readonly store: AppStore;
  readonly log: Log;
  readonly draining: AbortSignal;
  readonly limits: Required<AppLimits>;
  /** The bodies that are in memory. */
  readonly budget: BodyBudget;
  /** The bodies of lines that are being stored. */
  readonly imports: Gate;
}

const MIB = 1024 * 1024;
/** The largest body unless another limit is given. */
export const DEFAULT_MAX_BODY_BYTES: number = 16 * MIB;
const NEVER: AbortSignal = new AbortController().signal;

/** The limits with their defaults. */
function withDefaults({
  maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
  maxBytesUnderWay = Math.max(64 * MIB, maxBodyBytes),
  requestTimeoutS = 30,
  idleMs = 30_000,
  queryTimeoutMs = 25_000,
  maxImports = 64,
  maxLongQueries = 8,
  maxTailReaders = 100,
}: AppLimits = {}): Required<AppLimits> {
  return {
    maxBodyBytes,
    maxBytesUnderWay,
    requestTimeoutS,
    idleMs,
    queryTimeoutMs,
    maxImports,
    maxLongQueries,
    maxTailReaders,
  };
}

/** What the routes get of what the app got. */
export function routeDeps({ store, log = logToStderr("info"), draining = NEVER, limits }: AppDeps): RouteDeps {
  const withAll = withDefaults(limits);
  return {
    store,
    log,
    draining,
    limits: withAll,
    budget: new BodyBudget(withAll.maxBytesUnderWay),
    imports: new Gate("imports", withAll.maxImports),
  };
}
