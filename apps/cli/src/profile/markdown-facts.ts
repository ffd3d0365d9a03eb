/**
 * Collects, in one pass over a document's HTML, what a profile counts and what other documents may link to.
 *
 * Anchors are those of GitHub: a slug for each heading, numbered when it repeats, and every `id` and `<a name>`. They
 * are kept in lower case, because GitHub finds anchors without regard to case.
 */
import GithubSlugger from "github-slugger";
import type { HeadingCounts } from "./lead-spec-profile.ts";

/** What one document holds. */
export interface MarkdownFacts {
  readonly headings: HeadingCounts;
  /** In lower case. */
  readonly anchors: ReadonlySet<string>;
  /** The `href` of every link in document order, percent-encoded as in HTML. */
  readonly links: readonly string[];
  /** The `src` of every image in document order, percent-encoded as in HTML; empty where there is none. */
  readonly images: readonly string[];
  /** Blocks of code by the name of their language. */
  readonly codeBlocks: ReadonlyMap<string, number>;
  readonly tables: number;
}

const MAX_LANGUAGES = 100;
const LANGUAGE = /^\{?\.?([a-z0-9][a-z0-9+#._-]{0,31})(?=$|[\s,;:{}])/;

/** The facts in the HTML that `parseMarkdown` made. */
export function collectFacts(html: string): MarkdownFacts {
  const headings: HeadingCounts = { h1: 0, h2: 0, h3: 0, h4: 0, h5: 0, h6: 0 };
  const anchors = new HeadingAnchors();
  const links: string[] = [];
  const images: string[] = [];
  const codeBlocks = new Map<string, number>();
  let tables = 0;
  new HTMLRewriter()
    .on("h1,h2,h3,h4,h5,h6", {
      element(element) {
        headings[element.tagName as keyof HeadingCounts] += 1; // the selector admits no other name
        anchors.open();
        element.onEndTag(() => anchors.close());
      },
      text: (chunk) => anchors.text(chunk.text),
    })
    .on("a", {
      element(element) {
        const href = element.getAttribute("href");
        if (href !== null) links.push(decodeEntities(href).trim());
        const name = element.getAttribute("name");
        if (name !== null) anchors.add(decodeEntities(name));
      },
    })
    .on("[id]", { element: (element) => anchors.add(decodeEntities(element.getAttribute("id") ?? "")) })
    .on("img", { element: (element) => void images.push(decodeEntities(element.getAttribute("src") ?? "").trim()) })
    .on("pre > code", {
      element(element) {
        const language = languageOf(decodeEntities(element.getAttribute("class") ?? ""));
        const key = codeBlocks.has(language) || codeBlocks.size < MAX_LANGUAGES ? language : "other";
        codeBlocks.set(key, (codeBlocks.get(key) ?? 0) + 1);
      },
    })
    .on("table", {
      element() {
        tables += 1;
      },
    })
    .transform(withoutNoscript(html));
  anchors.close();
  return { headings, anchors: anchors.found, links, images, codeBlocks, tables };
}

/** Gathers a heading's text between its tags. A raw `<h2>` that is never closed ends where the next heading opens. */
class HeadingAnchors {
  readonly found = new Set<string>();
  readonly #slugger = new GithubSlugger();
  #text: string | undefined;

  open(): void {
    this.close();
    this.#text = "";
  }

  text(chunk: string): void {
    if (this.#text !== undefined) this.#text += chunk;
  }

  close(): void {
    if (this.#text === undefined) return;
    this.add(this.#slugger.slug(decodeEntities(this.#text)));
    this.#text = undefined;
  }

  add(anchor: string): void {
    this.found.add(anchor.toLowerCase());
  }
}

/** The language in a `class`, safe as a key: `none` without one, `other` for what is not a plain name. */
function languageOf(classes: string): string {
  const name = /(?:^|\s)language-(\S+)/.exec(classes)?.[1];
  if (name === undefined) return "none";
  return LANGUAGE.exec(name.toLowerCase())?.[1] ?? "other";
}

/** `HTMLRewriter` hides what a `<noscript>` holds, which readers of the page do see; so the tag gets another name. */
function withoutNoscript(html: string): string {
  return html.replace(/<(\/?)noscript/gi, "<$1x-noscript");
}

/** What `Bun.markdown` writes itself; all other entities come from raw HTML, and are rare. */
const WRITTEN_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&#x27;", "'"],
]);

/** `HTMLRewriter` passes text as it is written; `Bun.markdown` knows all entities of HTML. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});/g,
    (entity) => WRITTEN_ENTITIES.get(entity) ?? Bun.markdown.render(entity, {}),
  );
}
