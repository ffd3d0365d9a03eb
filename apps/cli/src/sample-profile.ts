/** Made-up profiles of documents for trials: of the shape that `telepool profile` measures, with plausible sizes and times. */
import type { LeadSpecProfile } from "./profile/lead-spec-profile.ts";

const LANGUAGES = ["ts", "bash", "json", "sql", "yaml", "none"];

/** A profile whose values follow from `random`, which gives numbers from 0 to 1. */
export function sampleProfile(random: () => number): LeadSpecProfile {
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const words = Math.round(400 * skewed(random));
  const medianMs = rounded((words / 4000) * skewed(random));
  const broken = upTo(40) === 0 ? 1 + upTo(2) : 0;
  return {
    bytes: Math.round(words * (5.5 + random())),
    lines: Math.ceil(words / 9),
    words,
    headings: { h1: 1, h2: upTo(8), h3: upTo(12), h4: upTo(3), h5: 0, h6: 0 },
    links: {
      inner: broken + upTo(12),
      outer: upTo(9),
      broken: { count: broken, targets: Array.from({ length: broken }, () => `missing-${upTo(99)}.md`) },
    },
    codeBlocks: { [LANGUAGES[upTo(LANGUAGES.length - 1)] ?? "none"]: 1 + upTo(6) },
    tables: upTo(2),
    images: { total: upTo(3), broken: 0 },
    parse: {
      medianMs,
      minMs: rounded(medianMs * (0.8 + random() / 10)),
      maxMs: rounded(medianMs * (1.1 + random())),
      runs: 5,
    },
    heapUsedBytes: Math.round(words * 12),
  };
}

/** Mostly around 1, now and then many times that: log-normal, by the sum of uniform numbers. */
function skewed(random: () => number): number {
  return Math.exp(random() + random() + random() + random() - 2);
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
