/**
 * Every file that the server's pages are made of, by the name that a browser asks for; nothing else is served.
 *
 * Our own are text within the program (tsdown.config.ts makes it so in dist/). Those of swagger-ui are large: they stay
 * files, beside the program or inside of the executable, and are read when they are asked for.
 */
/// <reference path="./assets.d.ts" />
import swaggerUiCss from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import swaggerUiBundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import docsCss from "./client/docs.css" with { type: "text" };
import docsHtml from "./client/docs.html" with { type: "text" };
import docsJs from "./client/docs.js" with { type: "text" };
import docsFormsJs from "./client/docs-forms.js" with { type: "text" };
import figuresJs from "./client/figures.js" with { type: "text" };
import fillJs from "./client/fill.js" with { type: "text" };
import iconSvg from "./client/icon.svg" with { type: "text" };
import liveListJs from "./client/live-list.js" with { type: "text" };
import numbersJs from "./client/numbers.js" with { type: "text" };
import serverJs from "./client/server.js" with { type: "text" };
import sessionTokenJs from "./client/session-token.js" with { type: "text" };
import statusCss from "./client/status.css" with { type: "text" };
import statusHtml from "./client/status.html" with { type: "text" };
import statusJs from "./client/status.js" with { type: "text" };
import tailJs from "./client/tail.js" with { type: "text" };

/** One file. */
export class PageFile {
  readonly type: string;
  /** A file on a disk is sent without being held in memory. */
  readonly content: Blob;
  #tag: Promise<string> | undefined;

  constructor(type: string, content: Blob) {
    this.type = type;
    this.content = content;
  }

  /** The strong entity tag: a digest of the content, made once. */
  tag(): Promise<string> {
    this.#tag ??= digestOf(this.content);
    return this.#tag;
  }
}

async function digestOf(content: Blob): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of content.stream()) hasher.update(chunk);
  return `"${hasher.digest("base64url")}"`;
}

const CSS = "text/css; charset=utf-8";
const HTML = "text/html; charset=utf-8";
const JS = "text/javascript; charset=utf-8";

/** TypeScript takes each `.html` for an HTMLBundle of Bun's; one that is imported as text is a string, like the rest. */
function text(type: string, content: unknown): PageFile {
  return new PageFile(type, new Blob([String(content)]));
}

function onDisk(type: string, path: string): PageFile {
  return new PageFile(type, Bun.file(path));
}

/** The pages. */
export const PAGES: { readonly [name in "status.html" | "docs.html"]: PageFile } = {
  "status.html": text(HTML, statusHtml),
  "docs.html": text(HTML, docsHtml),
};

/** What the pages load from `/assets/`. */
export const ASSETS: ReadonlyMap<string, PageFile> = new Map([
  ["docs.css", text(CSS, docsCss)],
  ["docs-forms.js", text(JS, docsFormsJs)],
  ["docs.js", text(JS, docsJs)],
  ["figures.js", text(JS, figuresJs)],
  ["fill.js", text(JS, fillJs)],
  ["icon.svg", text("image/svg+xml", iconSvg)],
  ["live-list.js", text(JS, liveListJs)],
  ["numbers.js", text(JS, numbersJs)],
  ["server.js", text(JS, serverJs)],
  ["session-token.js", text(JS, sessionTokenJs)],
  ["status.css", text(CSS, statusCss)],
  ["status.js", text(JS, statusJs)],
  ["swagger-ui-bundle.js", onDisk(JS, swaggerUiBundle)],
  ["swagger-ui.css", onDisk(CSS, swaggerUiCss)],
  ["tail.js", text(JS, tailJs)],
]);
