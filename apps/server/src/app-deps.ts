/** What the routes work with. */
import type { TelemetryPool } from "@telepool/core";
import type { Log } from "./log.ts";

/** The part of a store that the routes use. */
export type AppStore = Pick<TelemetryPool, "addProfile" | "insertProfiles" | "querySessions" | "stats" | "health">;

/** Everything that the app does not make itself. */
export interface AppDeps {
  readonly store: AppStore;
  /** Where unexpected errors are reported; stderr by default. */
  readonly log?: Log;
  /** Whether the server is shutting down, for `/readyz`. */
  readonly isDraining?: () => boolean;
  /** The largest body of a request; 16 MiB by default. */
  readonly maxBodyBytes?: number;
  /** How many bytes of bodies may be under way at once; 64 MiB by default, or `maxBodyBytes` where that is more. */
  readonly maxBytesUnderWay?: number;
}
