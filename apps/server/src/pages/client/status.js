/**
 * The status page: asks the server every few seconds how it is, and follows the live tail. Both end when the server wants
 * a token, and begin again with it. A page that nobody sees asks for nothing, but still follows.
 */
import { showCopy, showFigures, showPools, showQueues, showSessions } from "./figures.js";
import { element } from "./fill.js";
import { LiveList } from "./live-list.js";
import { ask, askJson, pause, Refusal } from "./server.js";
import { forgetToken, keepToken, sessionToken } from "./session-token.js";
import { tailMessages } from "./tail.js";

const POLL_MS = 3000;
const SESSIONS_SHOWN = 10;
/** Sessions are asked for when rows have come, and otherwise once in so many polls. */
const POLLS_PER_SESSIONS = 10;
/** @type {Readonly<Record<string, string>>} */
const STATUS_TEXTS = { ok: "Running", unavailable: "Database unavailable", unreachable: "Server unreachable" };

const list = new LiveList();
const tokenField = /** @type {HTMLInputElement} */ (element("token")); // as status.html has it
let running = new AbortController();
let hasNewRows = true;
/** @type {readonly any[]} */
let sessions = [];

function start() {
  running = new AbortController();
  hasNewRows = true;
  element("forget-token").hidden = sessionToken() === null;
  void poll(running.signal);
}

/** @param {AbortSignal} signal */
async function poll(signal) {
  let follows = false;
  for (let turn = 0; !signal.aborted; turn++) {
    let waitMs = POLL_MS;
    try {
      await refresh(turn, signal);
      showNotice("");
      if (!follows) void follow(signal);
      follows = true;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal) waitMs = Math.max(waitMs, error.retryAfterMs);
      showFailure(error);
    }
    await pause(waitMs, signal);
    await seen(signal);
  }
}

/**
 * @param {number} turn
 * @param {AbortSignal} signal
 */
async function refresh(turn, signal) {
  const { status, driver } = await askJson("./", signal);
  showStatus(status, driver);
  const stats = await askJson("pool-stats", signal);
  showFigures(stats, performance.now());
  showPools(stats);
  showQueues(stats);
  showCopy(stats);
  element("sign-in").hidden = true;
  element("content").hidden = false;
  element("updated").textContent = `Updated at ${new Date().toLocaleTimeString("en-GB")}`;
  if (hasNewRows || turn % POLLS_PER_SESSIONS === 0) {
    hasNewRows = false;
    sessions = (await askJson(`api/sessions?limit=${SESSIONS_SHOWN}`, signal)).items;
  }
  showSessions(sessions, Date.now());
}

/** @param {AbortSignal} signal */
async function follow(signal) {
  const state = element("live-state");
  state.textContent = "Connecting…";
  try {
    for await (const message of tailMessages(signal)) {
      if (message.type === "ready") state.textContent = "Connected";
      else if (message.type === "lost") state.textContent = "Connecting again…";
      else {
        list.add(message);
        hasNewRows = true;
      }
    }
  } catch (error) {
    if (!signal.aborted) showFailure(error);
  }
}

/** @param {unknown} error */
function showFailure(error) {
  if (!(error instanceof Refusal)) showStatus("unreachable", null);
  else if (error.status === 401 || (error.status === 403 && sessionToken() !== null)) wantToken(error);
  else showNotice(error.message);
}

/** @param {Refusal} refusal */
function wantToken({ status, message }) {
  running.abort();
  const wasSent = sessionToken() !== null;
  const problem = status === 401 ? "The server does not know this token." : `${message}.`;
  forgetToken();
  list.clear();
  showNotice("");
  element("content").hidden = true;
  element("forget-token").hidden = true;
  element("updated").textContent = "";
  element("sign-in").hidden = false;
  element("token-problem").textContent = wasSent ? problem : "";
  tokenField.setAttribute("aria-invalid", String(wasSent));
  tokenField.focus();
}

/**
 * @param {string} status
 * @param {string | null} driver
 */
function showStatus(status, driver) {
  const text = [STATUS_TEXTS[status] ?? status, ...(driver === null ? [] : [driver])].join(" · ");
  const shown = element("status-text");
  element("status").dataset.state = status;
  if (shown.textContent === text) return; // else a screen reader would say it again
  shown.textContent = text;
  document.title = status === "ok" ? "telepool" : `${STATUS_TEXTS[status] ?? status} · telepool`;
}

/** @param {string} text */
function showNotice(text) {
  element("notice").hidden = text === "";
  element("notice").textContent = text;
}

/**
 * Ends when the page is seen.
 *
 * @param {AbortSignal} signal
 */
async function seen(signal) {
  while (document.hidden && !signal.aborted) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

element("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(tokenField.value);
  tokenField.value = "";
  start();
});

element("forget-token").addEventListener("click", () => {
  forgetToken();
  running.abort();
  location.reload();
});

element("metrics-link").addEventListener("click", (event) => {
  if (sessionToken() === null) return; // the link alone will do
  event.preventDefault();
  void showMetrics().catch(showFailure);
});

/** A link sends no token: the text is fetched with it, and shown instead. */
async function showMetrics() {
  const answer = await ask("metrics", { signal: AbortSignal.timeout(10_000) });
  const text = new Blob([await answer.text()], { type: "text/plain;charset=utf-8" });
  location.assign(URL.createObjectURL(text));
}

start();
