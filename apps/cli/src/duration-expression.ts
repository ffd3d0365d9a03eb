/** Durations as people write them: `500ms`, `45s`, `90m`, `12h`, `30d`, `2w`. */

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The duration in whole milliseconds, or `undefined` if the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text) ?? [];
  const durationMs = Math.round(Number(amount) * (UNITS_MS[unit] ?? Number.NaN));
  return Number.isSafeInteger(durationMs) ? durationMs : undefined;
}
