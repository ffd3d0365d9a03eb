/** Who takes part in a suite: ways to write and read profiles, each of which is opened anew for every run. */
import { createPool, type TelemetryPool } from "@telepool/core";
import { sampleRow } from "../rows.ts";

/** How many connections everybody may have. */
export const CONNECTIONS = 20;

/** How many sessions the rows belong to. */
export const SESSIONS = 50;

/** Writes sample rows. */
export interface Writer {
  /** Stores row `i`; resolves when it is durable. */
  insert(i: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Reads them too. */
export interface ReadingWriter extends Writer {
  /** The row with this id, its profile parsed. */
  get(id: string): Promise<unknown>;
}

/** One way to write, or to write and read. */
export interface Entrant<W extends Writer = Writer> {
  readonly name: string;
  /** Opens it on a database that has telepool's tables. */
  open(url: string): Promise<W>;
}

/** Telepool as an entrant shows what it has done. */
export interface TelepoolWriter extends ReadingWriter {
  readonly store: TelemetryPool;
}

/** Telepool by its documented calls. */
export const TELEPOOL: Entrant<TelepoolWriter> = {
  name: "telepool",
  open: async (url) => {
    const store = createPool(url, { pool: { max: CONNECTIONS } });
    await store.open();
    return {
      store,
      insert: (i) => {
        const { session, profile, member, document } = sampleRow(i, SESSIONS);
        return store.insertProfile(session, profile, member, document);
      },
      get: (id) => store.getProfile(id),
      close: () => store.close(),
    };
  },
};
