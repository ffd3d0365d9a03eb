/**
 * The list of rows as they come, newest first. It holds a bounded number of them however fast they come: rows wait as
 * text until the browser paints, and only those that will be seen are parsed.
 */
import { copyOf, element } from "./fill.js";
import { count, fullTime, timeOfDay } from "./numbers.js";

const MAX_SHOWN = 100;
const PREVIEW_LENGTH = 160;
const JSON_LENGTH = 20_000;
/** A screen reader is told of new rows together, and not more often than this. */
const NEWS_MS = 10_000;

/** @typedef {import("./tail.js").Message} Message */

/** The list in the page. */
export class LiveList {
  #rows = element("live-rows");
  #button = element("live-pause");
  #isPaused = false;
  #isPainting = false;
  /** @type {Message[]} */
  #coming = [];
  #unseen = 0;
  #untold = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor() {
    this.#button.addEventListener("click", () => this.#pause(!this.#isPaused));
  }

  /** @param {Message} message a row, or a count of missed ones */
  add(message) {
    this.#coming.push(message);
    if (this.#coming.length >= 2 * MAX_SHOWN) this.#coming.splice(0, this.#coming.length - MAX_SHOWN);
    this.#unseen++;
    this.#paintSoon();
  }

  clear() {
    this.#coming = [];
    this.#unseen = 0;
    this.#rows.replaceChildren();
    this.#rows.hidden = true;
    element("live-empty").hidden = false;
    this.#pause(false);
  }

  /** @param {boolean} isPaused */
  #pause(isPaused) {
    this.#isPaused = isPaused;
    this.#button.setAttribute("aria-pressed", String(isPaused));
    this.#paintSoon();
  }

  #paintSoon() {
    if (this.#isPainting) return;
    this.#isPainting = true;
    requestAnimationFrame(() => {
      this.#isPainting = false;
      this.#paint();
    });
  }

  #paint() {
    const isHeld = this.#isPaused && this.#unseen > 0;
    this.#button.textContent = isHeld ? `Resume (${count(this.#unseen)} new)` : this.#isPaused ? "Resume" : "Pause";
    if (this.#isPaused || this.#coming.length === 0) return;
    const coming = this.#coming.slice(-MAX_SHOWN);
    this.#coming = [];
    this.#rows.prepend(...coming.map(rowElement).reverse());
    while (this.#rows.childElementCount > MAX_SHOWN) this.#rows.lastElementChild?.remove();
    this.#rows.hidden = false;
    element("live-empty").hidden = true;
    this.#tell(this.#unseen);
    this.#unseen = 0;
  }

  /** @param {number} rows */
  #tell(rows) {
    this.#untold += rows;
    if (performance.now() - this.#toldAtMs < NEWS_MS) return;
    this.#toldAtMs = performance.now();
    element("live-news").textContent = this.#untold === 1 ? "1 new row" : `${count(this.#untold)} new rows`;
    this.#untold = 0;
  }
}

/** @param {Message} message */
function rowElement({ type, data }) {
  const row = JSON.parse(data);
  if (type === "missed") {
    const text = row.rows === null ? "Rows from before were missed" : `${count(row.rows)} rows went by too fast`;
    return copyOf("missed-template", { text });
  }
  const isProfile = type === "profile";
  const content = isProfile ? row.profile : row.data;
  const from = isProfile ? [row.member, row.session] : [row.session];
  const made = copyOf("row-template", {
    kind: type,
    subject: isProfile ? row.document : row.event_type,
    time: timeOfDay(row.timestamp),
    origin: from.filter((part) => part !== null).join(" · "),
    preview: clipped(JSON.stringify(content), PREVIEW_LENGTH),
  });
  made.dataset.kind = type;
  made.querySelector("time")?.setAttribute("datetime", fullTime(row.timestamp));
  const whole = made.querySelector("pre");
  const showWhole = () => {
    if (whole !== null) whole.textContent = clipped(JSON.stringify(row, null, 2), JSON_LENGTH);
  };
  made.addEventListener("toggle", showWhole, { once: true });
  return made;
}

/**
 * @param {string} text
 * @param {number} length
 */
function clipped(text, length) {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
