/**
 * Who may do what: every route names the scope that it wants, and a request shows a bearer token that has it.
 *
 * Without tokens everybody may do everything, which is for a server that only its own machine reaches; then a request
 * must name that machine as its host, so that no web page can reach the server under a name of its own (DNS rebinding).
 */
import type { MiddlewareHandler } from "hono";
import { HttpError } from "../http/http-error.ts";
import type { Scope } from "./scopes.ts";
import { TokenBucket } from "./token-bucket.ts";
import { findToken, parseTokens, type Token, type TokenOptions } from "./tokens.ts";

/** Who may do what. */
export interface AccessOptions {
  /** The tokens that are known; none means that nobody needs one. */
  readonly tokens?: readonly TokenOptions[];
  /** Where nobody needs a token: whether a request may name any host, not just this machine. Off by default. */
  readonly anyHost?: boolean;
}

/** A token with what is left of its requests. */
interface Holder extends Token {
  readonly bucket: TokenBucket | undefined;
}

const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const BEARER = /^Bearer +([^\s]+)$/i;

/** Checks requests. */
export class Access {
  readonly #holders: readonly Holder[];
  readonly #anyHost: boolean;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor({ tokens = [], anyHost = false }: AccessOptions = {}) {
    this.#holders = parseTokens(tokens, "access").map((token) => ({
      ...token,
      bucket: token.requestsPerSecond === undefined ? undefined : new TokenBucket(token.requestsPerSecond),
    }));
    this.#anyHost = anyHost || this.#holders.length > 0;
  }

  /** Whether a request needs a token. */
  get isGuarded(): boolean {
    return this.#holders.length > 0;
  }

  /** Lets a request through that may do this. */
  allow(scope: Scope): MiddlewareHandler {
    return async (c, next) => {
      if (this.isGuarded) {
        const holder = this.#holderOf(c.req.header("authorization"));
        if (!holder.scopes.has(scope)) {
          throw new HttpError(403, "FORBIDDEN", `the token "${holder.name}" has no scope "${scope}"`);
        }
        if (holder.bucket !== undefined) {
          for (const [name, value] of takeFrom(holder.bucket)) c.header(name, value);
        }
      } else if (!this.#anyHost && !LOCAL_HOST.test(c.req.header("host") ?? "localhost")) {
        throw new HttpError(403, "FORBIDDEN", "without tokens the server answers only to localhost and 127.0.0.1");
      }
      await next();
    };
  }

  #holderOf(authorization: string | undefined): Holder {
    const presented = BEARER.exec(authorization ?? "")?.[1];
    const holder = presented === undefined ? undefined : findToken(this.#holders, presented);
    if (holder !== undefined) return holder;
    const what =
      authorization === undefined
        ? "send a token as authorization: Bearer <token>"
        : "the token is not known, or is not sent as authorization: Bearer <token>";
    throw new HttpError(401, "UNAUTHORIZED", what, { "www-authenticate": 'Bearer realm="telepool"' });
  }
}

/**
 * Takes a request from the budget; returns the headers that tell what is left, in the form of
 * draft-ietf-httpapi-ratelimit-headers.
 *
 * @throws HttpError 429 `RATE_LIMITED`
 */
function takeFrom(bucket: TokenBucket): [name: string, value: string][] {
  const { allowed, remaining, retryAfterMs } = bucket.take();
  const seconds = Math.ceil(retryAfterMs / 1000);
  const headers: [string, string][] = [
    ["ratelimit-policy", `"token";q=${bucket.capacity};w=${Math.ceil(bucket.capacity / bucket.ratePerSecond)}`],
    ["ratelimit", `"token";r=${remaining};t=${seconds}`],
  ];
  if (allowed) return headers;
  throw new HttpError(429, "RATE_LIMITED", `the token may make ${bucket.ratePerSecond} requests a second; slow down`, {
    ...Object.fromEntries(headers),
    "retry-after": String(seconds),
  });
}
