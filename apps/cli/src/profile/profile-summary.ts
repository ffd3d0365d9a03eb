/** What many profiles amount to. It holds sums and the worst documents, so its memory does not grow with their number. */
import type { LeadSpecProfile } from "./lead-spec-profile.ts";

/** A document that could not be measured. */
export interface ProfileFailure {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** A document with links that lead nowhere. */
export interface BrokenDocument {
  readonly document: string;
  readonly count: number;
  readonly targets: readonly string[];
}

/** The sums over all documents. */
export interface ProfileTotals {
  readonly documents: number;
  readonly failed: number;
  readonly bytes: number;
  readonly words: number;
  readonly brokenLinks: number;
  readonly brokenImages: number;
  /** The sum of the documents' median parse times. */
  readonly parseMs: number;
  /** The documents with the most broken links, at most 20. */
  readonly mostBroken: readonly BrokenDocument[];
}

/** Who is told while the sums are made. */
export interface SummaryListeners {
  readonly onDocument: (count: number) => void;
  readonly onFailure: (failure: ProfileFailure) => void;
}

const MOST_BROKEN = 20;

/** Sums up. */
export class ProfileSummary {
  readonly #listeners: SummaryListeners;
  readonly #sums = { documents: 0, failed: 0, bytes: 0, words: 0, brokenLinks: 0, brokenImages: 0, parseMs: 0 };
  #mostBroken: BrokenDocument[] = [];

  constructor(listeners: SummaryListeners) {
    this.#listeners = listeners;
  }

  get totals(): ProfileTotals {
    const parseMs = Math.round(this.#sums.parseMs * 1000) / 1000;
    return { ...this.#sums, parseMs, mostBroken: [...this.#mostBroken] };
  }

  add(document: string, { bytes, words, links, images, parse }: LeadSpecProfile): void {
    const sums = this.#sums;
    sums.documents++;
    sums.bytes += bytes;
    sums.words += words;
    sums.brokenLinks += links.broken.count;
    sums.brokenImages += images.broken;
    sums.parseMs += parse.medianMs;
    if (links.broken.count > 0) this.#rank({ document, ...links.broken });
    this.#listeners.onDocument(sums.documents);
  }

  fail(path: string, { code, message }: Pick<ProfileFailure, "code" | "message">): void {
    this.#sums.failed++;
    this.#listeners.onFailure({ path, code, message });
  }

  #rank(broken: BrokenDocument): void {
    this.#mostBroken = [...this.#mostBroken, broken].sort((a, b) => b.count - a.count).slice(0, MOST_BROKEN);
  }
}
