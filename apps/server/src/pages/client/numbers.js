/** Numbers and times as people read them. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const distance = new Intl.RelativeTimeFormat("en", { style: "narrow", numeric: "always" });

/** @type {readonly [unit: Intl.RelativeTimeFormatUnit, ms: number][]} */
const UNITS = [
  ["year", 365 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** @param {number} value */
export function count(value) {
  return Math.abs(value) < 100_000 ? whole.format(value) : short.format(value);
}

/** @param {number} value */
export function rate(value) {
  return value >= 10 || value === 0 ? count(value) : precise.format(value);
}

/** @param {number} ms */
export function duration(ms) {
  if (ms >= 1000) return `${precise.format(ms / 1000)} s`;
  return ms >= 0.01 || ms === 0 ? `${precise.format(ms)} ms` : `${precise.format(ms * 1000)} µs`;
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${precise.format(bytes / 1024)} KiB` : `${precise.format(bytes / 1024 ** 2)} MiB`;
}

/**
 * A row brings its own time, which can lie beyond what a Date can hold.
 *
 * @param {number} ms
 */
export function timeOfDay(ms) {
  return isDate(ms) ? clock.format(ms) : String(ms);
}

/** @param {number} ms */
export function fullTime(ms) {
  return isDate(ms) ? new Date(ms).toISOString() : String(ms);
}

/**
 * @param {number} ms
 * @param {number} nowMs
 */
export function ago(ms, nowMs) {
  const distanceMs = ms - nowMs;
  const [unit, unitMs] = UNITS.find(([, each]) => Math.abs(distanceMs) >= each) ?? ["second", 1000];
  return Math.abs(distanceMs) < 1000 ? "now" : distance.format(Math.trunc(distanceMs / unitMs), unit);
}

/** @param {number} ms */
function isDate(ms) {
  return !Number.isNaN(new Date(ms).getTime());
}
