/** A store of which every method fails, except for those that a test gives it. */
import type { AppStore } from "../src/app-deps.ts";

/** @param error what each method throws */
export function failingStore(error: unknown, working: Partial<AppStore> = {}): AppStore {
  const fail = (): never => {
    throw error;
  };
  return {
    addEvent: fail,
    addProfile: fail,
    aggregate: fail,
    getProfile: fail,
    getSession: fail,
    health: fail,
    importEvents: fail,
    importProfiles: fail,
    insertEvents: fail,
    insertProfiles: fail,
    metrics: fail,
    onStored: fail,
    prune: fail,
    queryEvents: fail,
    queryProfiles: fail,
    querySessions: fail,
    stats: fail,
    syncToR2: fail,
    ...working,
  };
}
