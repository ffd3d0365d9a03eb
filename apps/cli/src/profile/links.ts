/**
 * Classifies a document's links and finds those that lead nowhere.
 *
 * Broken is only what is proven so: a path that does not exist, or an anchor that a readable Markdown document lacks.
 * What cannot be looked at (permissions, an anchor in a folder or in another kind of file) counts as sound. Nothing is
 * fetched from the network. Files are looked at one after the other and each once, so that a document of many links
 * does not crowd out the program around it.
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import { abortedError } from "@telepool/core";
import { hasDocumentName } from "./find-documents.ts";
import type { LeadSpecProfile } from "./lead-spec-profile.ts";
import { collectFacts } from "./markdown-facts.ts";
import { decodeDocument, escapeFootnotes, parseMarkdown, withoutFrontMatter } from "./markdown-html.ts";

const MAX_LISTED_TARGETS = 100;
const MAX_TARGET_LENGTH = 512;
/** Documents above this size are not searched for an anchor; it counts as sound. */
const MAX_ANCHOR_DOCUMENT_BYTES = 64 * 1024 * 1024;
/** The codes of `stat` that prove that there is nothing at a path. */
const ABSENT: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ENAMETOOLONG",
  "ELOOP",
  "EINVAL",
  "ERR_INVALID_ARG_VALUE",
]);

/** Where a link leads: out of the documents, or to a path (empty: the own document) and perhaps an anchor in it. */
export type LinkTarget =
  | { readonly kind: "outer" }
  | { readonly kind: "inner"; readonly path: string; readonly anchor: string };

/** Takes a link's `href` apart: percent-decoded, without its query. */
export function classifyLink(href: string): LinkTarget {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(href)) return { kind: "outer" };
  const [, path = "", fragment = ""] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(href) ?? [];
  return { kind: "inner", path: percentDecoded(path), anchor: percentDecoded(fragment) };
}

/** The document whose links are checked. */
export interface LinkingDocument {
  /** Its path; relative links start at its folder. */
  readonly file: string;
  /** Its own anchors, in lower case. */
  readonly anchors: ReadonlySet<string>;
  /** The folder that `/` stands for; without it, absolute links are not checked. */
  readonly root: string | undefined;
  readonly signal: AbortSignal | undefined;
}

type FoundKind = "absent" | "file" | "other" | "unknown";

/** Checks the targets of one document, and remembers what it found. */
export class LinkChecker {
  readonly #document: LinkingDocument;
  readonly #kinds = new Map<string, FoundKind>();
  readonly #anchors = new Map<string, ReadonlySet<string> | undefined>();

  constructor(document: LinkingDocument) {
    this.#document = document;
    this.#anchors.set(resolve(document.file), document.anchors);
  }

  /** Counts links, each by its `href`. */
  async countLinks(hrefs: readonly string[]): Promise<LeadSpecProfile["links"]> {
    const counts = { inner: 0, outer: 0, broken: { count: 0, targets: [] as string[] } };
    for (const [href, occurrences] of tally(hrefs)) {
      const target = classifyLink(href);
      counts[target.kind] += occurrences;
      if (target.kind === "outer" || !(await this.#isBrokenLink(target.path, target.anchor))) continue;
      counts.broken.count += occurrences;
      if (counts.broken.targets.length < MAX_LISTED_TARGETS) counts.broken.targets.push(readable(href));
    }
    return counts;
  }

  /** Counts images, each by its `src`. One without a source, or whose source is a folder, is broken. */
  async countImages(sources: readonly string[]): Promise<LeadSpecProfile["images"]> {
    let broken = 0;
    for (const [source, occurrences] of tally(sources)) {
      const target = classifyLink(source);
      if (target.kind === "inner" && (await this.#isBrokenImage(target.path))) broken += occurrences;
    }
    return { total: sources.length, broken };
  }

  async #isBrokenLink(path: string, anchor: string): Promise<boolean> {
    if (path === "") return lacks(this.#document.anchors, anchor);
    const target = this.#locate(path);
    if (target === undefined) return false;
    const kind = await this.#kindOf(target);
    if (kind !== "file" || anchor === "" || !hasDocumentName(target)) return kind === "absent";
    const anchors = await this.#anchorsOf(target);
    return anchors !== undefined && lacks(anchors, anchor);
  }

  async #isBrokenImage(path: string): Promise<boolean> {
    if (path === "") return true;
    const target = this.#locate(path);
    if (target === undefined) return false;
    const kind = await this.#kindOf(target);
    return kind === "absent" || kind === "other";
  }

  /** Where a path lies in the file system; `undefined` for an absolute one without a root. `..` stays below the root. */
  #locate(path: string): string | undefined {
    const { file, root } = this.#document;
    if (!path.startsWith("/")) return keepSlash(resolve(dirname(file), path), path);
    return root === undefined ? undefined : keepSlash(join(resolve(root), posix.normalize(path)), path);
  }

  async #kindOf(target: string): Promise<FoundKind> {
    const known = this.#kinds.get(target);
    if (known !== undefined) return known;
    this.#throwIfAborted();
    const kind = await lookAt(target);
    this.#kinds.set(target, kind);
    return kind;
  }

  async #anchorsOf(target: string): Promise<ReadonlySet<string> | undefined> {
    if (this.#anchors.has(target)) return this.#anchors.get(target);
    this.#throwIfAborted();
    const anchors = await readAnchors(target);
    this.#anchors.set(target, anchors);
    return anchors;
  }

  #throwIfAborted(): void {
    const { signal } = this.#document;
    if (signal?.aborted) throw abortedError(signal, "profiling a document");
  }
}

async function lookAt(target: string): Promise<FoundKind> {
  try {
    return (await stat(target)).isFile() ? "file" : "other";
  } catch (error) {
    return ABSENT.has(String((error as NodeJS.ErrnoException).code)) ? "absent" : "unknown"; // node's errors carry a code
  }
}

async function readAnchors(target: string): Promise<ReadonlySet<string> | undefined> {
  try {
    if ((await stat(target)).size > MAX_ANCHOR_DOCUMENT_BYTES) return undefined;
    const body = escapeFootnotes(withoutFrontMatter(decodeDocument(await readFile(target))));
    return collectFacts(parseMarkdown(body)).anchors;
  } catch {
    return undefined; // it was a file a moment ago and cannot be read: not proven broken
  }
}

/** Whether a document lacks an anchor. Browsers take the empty one and `top` for the start of every page. */
function lacks(anchors: ReadonlySet<string>, anchor: string): boolean {
  const name = anchor.toLowerCase();
  return name !== "" && name !== "top" && !anchors.has(name);
}

/** `resolve` drops the slash of `a.md/`, which says that a folder is meant. */
function keepSlash(resolved: string, path: string): string {
  return path.endsWith("/") && !resolved.endsWith("/") ? `${resolved}/` : resolved;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // "100%.md": browsers, too, leave what is no percent-encoding as it is
  }
}

/** A target as a reader knows it: decoded where that gives plain text, and short. */
function readable(href: string): string {
  let text = href;
  try {
    text = decodeURI(href);
  } catch {} // not a percent-encoding: shown as it is
  if (/\p{Cc}/u.test(text)) text = href.replace(/\p{Cc}/gu, encodeURIComponent);
  return text.slice(0, MAX_TARGET_LENGTH).toWellFormed();
}

/** How often each text occurs, in the order of first occurrence. */
function tally(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
