/** The rows that every suite writes: a realistic profile of about 300 bytes, spread over members, documents and sessions. */

/** The arguments of `insertProfile`. */
export interface SampleRow {
  readonly session: string;
  readonly profile: object;
  readonly member: string;
  readonly document: string;
}

const MEMBERS = 20;
const DOCUMENTS = 100;

/** The profile number `i`. */
export function sampleProfile(i: number): object {
  return {
    kind: "document",
    phase: "render",
    latencyMs: 2.5 + (i % 97) / 10,
    cpuMs: (i % 31) / 7,
    heapBytes: 12_345_678 + i,
    words: i % 5000,
    ok: true,
    tags: ["wiki", "build", "nightly"],
    parse: { medianMs: 1.25, minMs: 1.1, maxMs: 1.9, runs: 5 },
    links: { inner: i % 40, outer: i % 7, broken: 0 },
    note: "measured by the benchmark of telepool, in one of many concurrent callers, on every commit",
  };
}

/** The row number `i` of a load that is spread over `sessions` sessions. */
export function sampleRow(i: number, sessions: number): SampleRow {
  return {
    session: `session-${i % sessions}`,
    profile: sampleProfile(i),
    member: `member-${i % MEMBERS}`,
    document: `docs/guide-${i % DOCUMENTS}.md`,
  };
}

/** A row as it is written without telepool: in the order of the columns, with an id, a time, and the profile as JSON. */
export type SampleValues = [
  id: string,
  session: string,
  profile: string,
  timestamp: number,
  member: string,
  document: string,
];

/** The same row, made by hand. */
export function sampleValues(i: number, sessions: number): SampleValues {
  const { session, profile, member, document } = sampleRow(i, sessions);
  return [Bun.randomUUIDv7(), session, JSON.stringify(profile), Date.now(), member, document];
}
