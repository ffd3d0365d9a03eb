/** The counters of `/pool-stats` as figures, with what they were over the last minutes. */
import { element, fillList } from "./fill.js";
import { ago, count, duration, fullTime, rate, size } from "./numbers.js";

/** How many values a trend has: at one poll every three seconds, what was in the last three minutes. */
const TREND_VALUES = 60;
/** A trend of fewer values takes only a part of its width. */
const LEAST_WIDTH_VALUES = 20;

/** @type {{ atMs: number, operations: number, rows: number } | undefined} */
let before;
/** @type {(readonly number[])[]} */
let trends = [];

/**
 * @param {any} stats the answer of /pool-stats
 * @param {number} nowMs
 */
export function showFigures(stats, nowMs) {
  const { profiles, events } = stats.queues;
  const stored = { profiles: stats.ingest.profiles.stored, events: stats.ingest.events.stored };
  const now = { atMs: nowMs, operations: stats.stats.totalOperations, rows: stored.profiles + stored.events };
  // A server that was started anew counts from 0 again.
  const known = before !== undefined && before.operations <= now.operations ? before : undefined;
  const perSecond = (/** @type {"operations" | "rows"} */ what) =>
    known === undefined ? undefined : (1000 * (now[what] - known[what])) / (now.atMs - known.atMs);
  before = now;

  const queuedRows = profiles.queuedRows + events.queuedRows;
  const { p50, p95 } = stats.operationMs;
  const figures = [
    {
      name: "Operations",
      value: perSecond("operations"),
      unit: "/s",
      note: `${count(now.operations)} in all, p50 ${duration(p50)}, p95 ${duration(p95)}`,
    },
    {
      name: "Rows stored",
      value: perSecond("rows"),
      unit: "/s",
      note: `${count(stored.profiles)} profiles, ${count(stored.events)} events`,
    },
    {
      name: "Rows queued",
      value: queuedRows,
      unit: "",
      note: `${size(profiles.queuedBytes + events.queuedBytes)} to be written`,
    },
    {
      name: "Connections in use",
      value: stats.inUse,
      unit: `of ${stats.maxPoolSize}`,
      note: `${stats.poolSize} open, ${stats.waiting} waiting, ${stats.hitRate} hits`,
    },
  ];
  const shown = figures.map(({ name, value, unit, note }) => {
    return { name, value: value === undefined ? "–" : rate(value), unit, note };
  });
  trends = figures.map(({ value }, position) => [...(trends[position] ?? []), value ?? 0].slice(-TREND_VALUES));
  for (const [position, figure] of fillList("figures", "figure-template", shown).entries()) {
    showTrend(figure, trends[position] ?? []);
  }
}

/**
 * The newest value stands at the right end; the highest reaches the top.
 *
 * @param {HTMLElement} figure
 * @param {readonly number[]} values
 */
function showTrend(figure, values) {
  const step = 100 / (Math.max(values.length, LEAST_WIDTH_VALUES) - 1);
  const left = 100 - step * (values.length - 1);
  const highest = Math.max(1, ...values);
  const points = values.map((value, position) => {
    return `${(left + step * position).toFixed(1)},${(23 - (22 * value) / highest).toFixed(1)}`;
  });
  figure.querySelector("polyline")?.setAttribute("points", points.join(" "));
  figure.querySelector("polygon")?.setAttribute("points", `${left.toFixed(1)},24 ${points.join(" ")} 100,24`);
}

/** @param {any} stats */
export function showPools({ pools }) {
  const entries = Object.entries(pools);
  const rows = entries.map(([role, pool]) => ({
    role,
    inUse: `${pool.inUse} of ${pool.maxPoolSize}`,
    waiting: count(pool.waiting),
    hitRate: pool.hitRate,
    waitP95: duration(pool.waitMs.p95),
  }));
  for (const [position, row] of fillList("pools", "pool-template", rows).entries()) {
    const pool = entries[position]?.[1];
    const bar = row.querySelector(".bar");
    if (bar instanceof HTMLElement) bar.style.setProperty("--used", String(pool.inUse / pool.maxPoolSize));
  }
}

/** @param {any} stats */
export function showQueues({ queues, ingest }) {
  const rows = ["profiles", "events"].map((kind) => {
    const { stored, duplicate, rejected } = ingest[kind];
    return {
      kind,
      queued: count(queues[kind].queuedRows),
      stored: count(stored),
      duplicates: count(duplicate),
      rejected: count(rejected),
    };
  });
  fillList("queues", "queue-template", rows);
}

/**
 * How the copy in object storage stands, where there is one.
 *
 * @param {any} stats
 */
export function showCopy({ sync }) {
  const line = element("copy");
  line.hidden = sync === undefined;
  if (sync === undefined) return;
  const { state, pendingRows, lastError } = sync;
  const trouble = lastError === null ? "" : ` (${lastError.code})`;
  line.textContent = `Copy in R2: ${state}${trouble}, ${count(pendingRows)} rows to be copied`;
}

/**
 * @param {readonly any[]} sessions the items of /api/sessions
 * @param {number} nowMs
 */
export function showSessions(sessions, nowMs) {
  element("sessions-empty").hidden = sessions.length > 0;
  element("sessions-table").hidden = sessions.length === 0;
  const rows = sessions.map(({ id, member, profile_count, last_activity }) => {
    return { id, member, profiles: count(profile_count), active: ago(last_activity, nowMs) };
  });
  for (const [position, row] of fillList("sessions", "session-template", rows).entries()) {
    row.querySelector("time")?.setAttribute("datetime", fullTime(sessions[position]?.last_activity));
  }
}
