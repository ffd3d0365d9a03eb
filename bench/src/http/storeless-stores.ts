/**
 * Stores that keep nothing, for servers that show what HTTP costs by itself: one checks a profile and says that it is
 * stored, the other also brings it through the queue, to a driver that drops it.
 */
import { type AddResult, type Driver, newId, type ProfileInput, TelemetryPool, TelepoolError } from "@telepool/core";
import { sqliteDriver } from "@telepool/driver-sqlite";

const KEYS: ReadonlySet<string> = new Set(["id", "session", "profile", "member", "document", "timestamp"]);

/**
 * Does by hand what core does before it queues a profile, as core does not export it: the names are checked, and the JSON
 * is made. Core's own check goes further, so this one never costs more.
 */
export class CheckingStore extends TelemetryPool {
  constructor() {
    super({ driver: sqliteDriver({ path: ":memory:" }) });
  }

  override async addProfile(input: ProfileInput): Promise<AddResult> {
    for (const key in input) if (!KEYS.has(key)) throw invalid(`${key} is not known`);
    const row = {
      id: input.id ?? newId(),
      session: checkedName(input.session),
      profile: JSON.stringify(input.profile),
      timestamp: input.timestamp ?? Date.now(),
      member: checkedName(input.member),
      document: checkedName(input.document),
    };
    return { id: row.id, duplicate: false };
  }
}

/** A store whose profiles are checked and queued like any other's, and dropped where they would be written. */
export function droppingStore(): TelemetryPool {
  const inner = sqliteDriver({ path: ":memory:" });
  const driver: Driver = {
    ...inner,
    connect: async (role, signal) => {
      const connection = await inner.connect(role, signal);
      connection.writeProfiles = () => ({ duplicates: [] });
      return connection;
    },
  };
  return new TelemetryPool({ driver });
}

function checkedName(value: string): string {
  const isName = typeof value === "string" && value.length > 0 && value.length <= 255;
  if (!isName || value.includes("\0") || !value.isWellFormed()) throw invalid("a name is missing or wrong");
  return value;
}

function invalid(text: string): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", text);
}
