/**
 * Headers that keep browsers from doing more with an answer than showing it: no guessing of its type, no frames, no
 * scripts, no caches. The server's own pages allow themselves what they need (pages/page-response.ts).
 */
import type { MiddlewareHandler } from "hono";

const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["x-content-type-options", "nosniff"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["referrer-policy", "no-referrer"],
  ["cache-control", "no-store"],
];

/** Sets them before a route runs, so that it can set its own. */
export const securityHeaders: MiddlewareHandler = (c, next) => {
  for (const [name, value] of HEADERS) c.header(name, value);
  return next();
};
