/**
 * The server's own pages and the files that they load: all are local, and none may load anything from elsewhere.
 *
 * A browser may keep them, but asks each time whether they are still the same, so that a new version of the server never
 * meets the scripts of an old one.
 */
import type { Context } from "hono";
import { HttpError } from "../http/http-error.ts";
import { ASSETS, PAGES, type PageFile } from "./page-files.ts";

type Page = keyof typeof PAGES;

const OWN_FILES_ONLY = [
  "default-src 'none'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** What a page may do. */
const POLICIES: Readonly<Record<Page, readonly string[]>> = {
  // It shows what rows hold: with trusted types the browser itself refuses to take a text for markup.
  "status.html": [...OWN_FILES_ONLY, "style-src 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"],
  // Swagger UI has styles inline.
  "docs.html": [...OWN_FILES_ONLY, "style-src 'self' 'unsafe-inline'"],
};

/** Answers with a page. */
export async function pageResponse(c: Context, page: Page): Promise<Response> {
  return await fileResponse(c, PAGES[page], { "content-security-policy": POLICIES[page].join("; ") });
}

/**
 * Answers with a file that a page loads.
 *
 * @throws HttpError 404 `NOT_FOUND`
 */
export async function assetResponse(c: Context, name: string): Promise<Response> {
  const file = ASSETS.get(name);
  if (file === undefined) throw new HttpError(404, "NOT_FOUND", "there is no such file");
  return await fileResponse(c, file);
}

async function fileResponse(
  c: Context,
  file: PageFile,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const etag = await file.tag();
  const headers = { ...more, etag, "cache-control": "no-cache" };
  if (hasTag(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
  const { content, type } = file;
  const start = c.body(null, 200, { ...headers, "content-type": type, "content-length": String(content.size) });
  return new Response(content, start);
}

/** Whether `If-None-Match` names this version. A proxy that compresses makes the tag a weak one. */
function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}
