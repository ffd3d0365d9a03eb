/**
 * The options of a bucket: their rules, and what they come to. Secrets are kept in closures, so that neither a message,
 * a log nor an inspection of what holds the options shows them.
 */
import { parseOptions, TelepoolError, wholeNumber } from "@telepool/core";
import * as v from "valibot";
import type { EndpointOf } from "./r2-endpoint.ts";

/** What signs the requests: the S3 credentials of an R2 API token with "Object Read & Write" on the bucket. */
export interface R2Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** Where a bucket is and how it is spoken to. One of `accountId` and `endpoint` is given. */
export interface R2BucketOptions {
  readonly bucket: string;
  /** Of the Cloudflare account: 32 hexadecimal digits. */
  readonly accountId?: string;
  /** Of the bucket, if it was made in one; only beside `accountId`. */
  readonly jurisdiction?: "eu" | "fedramp" | "us" | (string & {});
  /** Of another storage that speaks the S3 protocol. The bucket's name is added to its path. */
  readonly endpoint?: string;
  /** Allows an `http:` endpoint on another machine than this one, which everybody on the way can read. False. */
  readonly allowInsecureEndpoint?: boolean;
  readonly credentials: R2Credentials;
  /** How long one request may take, with its answer: 30 000 ms. */
  readonly requestTimeoutMs?: number;
  /** How long a failed request is sent again, counted from its first attempt: 30 000 ms; 0 for never. */
  readonly retryTimeoutMs?: number;
}

/** Options with their defaults. */
export interface R2Config {
  readonly bucket: string;
  readonly endpoint: string;
  /** Undefined beside an endpoint of the caller's own. */
  readonly account: { readonly id: string; readonly jurisdiction: string | undefined } | undefined;
  readonly credentials: () => R2Credentials;
  readonly requestTimeoutMs: number;
  readonly retryTimeoutMs: number;
  /** The path of these options, which fields of errors start with. */
  readonly where: string;
}

const someMs = (least: number) => v.optional(wholeNumber(least, 2 ** 31 - 1, "milliseconds"));
const secret = v.pipe(v.string("must be a text"), v.regex(/^[!-~]+$/, "must be a text without spaces and line ends"));

const schema = v.strictObject({
  bucket: v.pipe(
    v.string("must be a text"),
    v.regex(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      "must be 3 to 63 lower-case letters, digits and hyphens, with no hyphen at an end",
    ),
  ),
  accountId: v.optional(
    v.pipe(v.string("must be a text"), v.regex(/^[0-9a-f]{32}$/, "must be 32 hexadecimal digits in lower case")),
  ),
  jurisdiction: v.optional(
    v.pipe(v.string("must be a text"), v.regex(/^[a-z][a-z0-9-]*$/, 'must be a word in lower case, such as "eu"')),
  ),
  endpoint: v.optional(v.string("must be a text")),
  allowInsecureEndpoint: v.optional(v.boolean("must be true or false")),
  credentials: v.strictObject(
    { accessKeyId: secret, secretAccessKey: secret, sessionToken: v.optional(secret) },
    "must be an object of accessKeyId and secretAccessKey", // valibot's own message repeats what was given
  ),
  requestTimeoutMs: someMs(1),
  retryTimeoutMs: someMs(0),
});

/**
 * Checks and completes options.
 *
 * @param where the path that fields start with, such as `sync`
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parseR2Options(options: R2BucketOptions, where: string, endpointOf: EndpointOf): R2Config {
  const checked = parseOptions(schema, options, where);
  const { accountId, jurisdiction, endpoint } = checked;
  const refuse = (name: string, rule: string): TelepoolError => {
    const field = `${where}.${name}`;
    return new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field });
  };
  if (accountId === undefined && endpoint === undefined) {
    throw refuse("accountId", `is missing; give it for R2, or ${where}.endpoint for another storage`);
  }
  if (accountId !== undefined && endpoint !== undefined) {
    throw refuse("endpoint", `and ${where}.accountId cannot both be given`);
  }
  if (jurisdiction !== undefined && accountId === undefined) {
    throw refuse("jurisdiction", `can only be given beside ${where}.accountId`);
  }
  const wrong =
    endpoint === undefined ? undefined : endpointFault(endpoint, checked.allowInsecureEndpoint ?? false, where);
  if (wrong !== undefined) throw refuse("endpoint", wrong);
  const { accessKeyId, secretAccessKey, sessionToken } = checked.credentials;
  const credentials = Object.freeze({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  return Object.freeze({
    bucket: checked.bucket,
    endpoint: accountId === undefined ? (endpoint ?? "").replace(/\/+$/, "") : endpointOf(accountId, jurisdiction),
    account: accountId === undefined ? undefined : { id: accountId, jurisdiction },
    credentials: () => credentials,
    requestTimeoutMs: checked.requestTimeoutMs ?? 30_000,
    retryTimeoutMs: checked.retryTimeoutMs ?? 30_000,
    where,
  });
}

/** What is wrong with an endpoint, without repeating it: it may hold a password. */
function endpointFault(endpoint: string, allowInsecure: boolean, where: string): string | undefined {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return "must be a URL that begins with https:// or http://";
  if (url.username !== "" || url.password !== "") return "must not hold a user or a password; give credentials instead";
  if (endpoint.includes("?") || endpoint.includes("#")) return "must have neither a query nor a fragment";
  if (url.protocol === "https:" || allowInsecure || isLoopback(url.hostname)) return undefined;
  return `must begin with https://, or set ${where}.allowInsecureEndpoint: over http everybody on the way can read the content`;
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
