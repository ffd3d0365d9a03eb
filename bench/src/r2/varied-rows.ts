/**
 * The rows of the suite `r2`. Those of the other suites differ in a few digits only, which zstd would compress to almost
 * nothing; these have measured values of their own, and a JSON of 266 bytes on average.
 */
import type { ProfileInput } from "@telepool/core";

const START_MS = Date.UTC(2026, 9, 1);
/** A million rows are of thirty days. */
const STEP_MS = 2592;
/** How many sessions there are at a time, and how many profiles each has. */
const SESSIONS = 20;
const PROFILES_IN_SESSION = 100;
const MEMBERS = 50;
const DOCUMENTS = 400;

const PHASES = ["parse", "render", "links", "search", "export"];
const TAGS = ["wiki", "build", "night", "draft", "live", "docs", "api", "legacy"];
const FOLDERS = ["guide", "reference", "blog", "internals", "tutorials"];

/** The profile number `i`, always the same, with everything that a caller may say of it but its id. */
export function variedRow(i: number): ProfileInput & { readonly timestamp: number } {
  const random = randomOf(i);
  const below = (end: number) => Math.floor(random() * end);
  const pick = (words: readonly string[]) => words[below(words.length)] ?? "";
  const round = Math.floor(i / (SESSIONS * PROFILES_IN_SESSION));
  const medianMs = 0.4 + random() ** 3 * 40;
  return {
    session: `session-${round * SESSIONS + (i % SESSIONS)}`,
    profile: {
      kind: "document",
      phase: pick(PHASES),
      latencyMs: rounded(medianMs * (1.2 + random())),
      cpuMs: rounded(medianMs * random()),
      heapBytes: 9_000_000 + below(90_000_000),
      words: below(20_000),
      ok: random() > 0.02,
      tags: [pick(TAGS), pick(TAGS), pick(TAGS)],
      parse: { medianMs: rounded(medianMs), maxMs: rounded(medianMs * (1 + random() * 2)), runs: 3 + below(8) },
      links: { inner: below(60), broken: below(3) },
      commit: hex8(below) + hex8(below),
    },
    member: `member-${below(MEMBERS)}`,
    document: `docs/${pick(FOLDERS)}/page-${below(DOCUMENTS)}.md`,
    timestamp: START_MS + i * STEP_MS + below(STEP_MS),
  };
}

/** The rows from one number to before another, as they are asked for. */
export function* variedRows(from: number, end: number): Generator<ReturnType<typeof variedRow>, void, undefined> {
  for (let i = from; i < end; i++) yield variedRow(i);
}

function hex8(below: (end: number) => number): string {
  return below(2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

/** To nanoseconds, as clocks give them. */
function rounded(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
