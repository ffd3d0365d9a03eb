/**
 * The options that every database behind a socket has: their rules, and what they come to. A driver embeds the entries in
 * its own schema, adds what only it knows, and passes the result through `toServerConfig`.
 */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { ServerDriverOptions, TlsOptions } from "../driver-configs.ts";
import { TelepoolError } from "../errors.ts";
import { durationMsOrNever, parseOptions, wholeNumber } from "../options.ts";
import { parseHost, type ServerHost, showHost } from "./server-host.ts";

/** The rules of `ServerDriverOptions`, without `url`, which a driver has taken apart before. */
export type ServerOptionEntries = {
  readonly [K in keyof Required<Omit<ServerDriverOptions, "url">>]: v.GenericSchema<
    ServerDriverOptions[K],
    ServerDriverOptions[K]
  >;
};

const text = v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty"));
const someMs = wholeNumber(1, 2 ** 31 - 1, "milliseconds");

const tlsSchema = v.strictObject({
  ca: v.optional(text),
  caFile: v.optional(text),
  cert: v.optional(text),
  certFile: v.optional(text),
  key: v.optional(text),
  keyFile: v.optional(text),
  servername: v.optional(text),
  rejectUnauthorized: v.optional(v.boolean("must be true or false")),
});

const password = v.union(
  [v.string(), v.custom<() => string | Promise<string>>((value) => typeof value === "function")],
  "must be a text or a function that gives one",
);

/** The entries of a schema. */
export const serverOptionEntries: ServerOptionEntries = {
  host: v.optional(text),
  port: v.optional(wholeNumber(1, 65_535)),
  hosts: v.optional(v.pipe(v.array(text, "must be a list of hosts"), v.minLength(1, "must not be empty"))),
  user: v.optional(text),
  password: v.optional(password),
  passwordFile: v.optional(text),
  database: v.optional(text),
  ssl: v.optional(v.union([v.boolean(), v.looseObject({})], "must be true, false, or an object of TLS options")),
  readFrom: v.optional(v.array(text, "must be a list of hosts")),
  readOnly: v.optional(v.boolean("must be true or false")),
  connectTimeoutMs: v.optional(someMs),
  statementTimeoutMs: v.optional(someMs),
  queryTimeoutMs: v.optional(v.union([durationMsOrNever, someMs])),
  applicationName: v.optional(text),
} as ServerOptionEntries; // every entry is optional, which `v.optional` types more narrowly

/** What a schema with these entries gives: every option that was not given is undefined. */
export type CheckedServerOptions = {
  readonly [K in keyof Omit<ServerDriverOptions, "url">]?: ServerDriverOptions[K] | undefined;
};

/** Where a server is and how it is spoken to: options with their defaults. */
export interface ServerConfig {
  /** In the order in which they are tried. */
  readonly hosts: readonly ServerHost[];
  readonly readFrom: readonly ServerHost[];
  readonly user: string | undefined;
  readonly database: string | undefined;
  /** Asks for the password anew; undefined where there is none. */
  readonly password: () => Promise<string | undefined>;
  /** Reads the TLS files anew; undefined where connections are not encrypted. */
  readonly tls: () => ResolvedTls | undefined;
  readonly readOnly: boolean;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number | undefined;
  readonly queryTimeoutMs: number;
  readonly applicationName: string;
  /** Fit to be shown: hosts and database, without user and password. */
  readonly location: string;
}

/** TLS settings as Node's `tls.connect` takes them. */
export interface ResolvedTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** Without what is undefined, which counts as not given. */
export function presentOptions(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * Completes checked options.
 *
 * @param where the path that messages start with: the kind of database
 * @throws TelepoolError `INVALID_OPTION`
 */
export function toServerConfig(options: CheckedServerOptions, where: string, defaultPort: number): ServerConfig {
  const { host, port, hosts, passwordFile, ssl, database } = options;
  refuseBoth(options, "host", "hosts", where);
  refuseBoth(options, "password", "passwordFile", where);
  const parse = (given: string, field: string) => parseHost(given, port ?? defaultPort, `${where}.${field}`);
  const all = hosts === undefined ? [parse(host ?? "localhost", "host")] : hosts.map((one) => parse(one, "hosts"));
  const readFrom = (options.readFrom ?? []).map((one) => parse(one, "readFrom"));
  return {
    hosts: all,
    readFrom,
    user: options.user,
    database,
    password: passwordSource(options.password, passwordFile, where),
    tls: tlsSource(ssl, where),
    readOnly: options.readOnly ?? false,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    statementTimeoutMs: options.statementTimeoutMs,
    queryTimeoutMs: options.queryTimeoutMs ?? 60_000,
    applicationName: options.applicationName ?? "telepool",
    location: `${all.map(showHost).join(",")}/${database ?? ""}`,
  };
}

function refuseBoth<K extends keyof CheckedServerOptions>(
  options: CheckedServerOptions,
  one: K,
  other: K,
  where: string,
): void {
  if (options[one] === undefined || options[other] === undefined) return;
  const field = `${where}.${other}`;
  throw new TelepoolError("INVALID_OPTION", `${where}.${one} and ${field} cannot both be given`, { field });
}

function passwordSource(
  given: ServerDriverOptions["password"],
  file: string | undefined,
  where: string,
): () => Promise<string | undefined> {
  if (file !== undefined) return async () => readText(file, `${where}.passwordFile`).replace(/\r?\n$/, "");
  if (typeof given !== "function") return async () => given;
  return async () => {
    const password: unknown = await given();
    if (typeof password === "string") return password;
    const field = `${where}.password`;
    throw new TelepoolError("INVALID_OPTION", `${field}: the function must give a text (got ${typeof password})`, {
      field,
    });
  };
}

function tlsSource(ssl: boolean | TlsOptions | undefined, where: string): () => ResolvedTls | undefined {
  if (ssl === undefined || ssl === false) return () => undefined;
  const options: Partial<v.InferOutput<typeof tlsSchema>> =
    ssl === true ? {} : parseOptions(tlsSchema, ssl, `${where}.ssl`);
  for (const [one, other] of [
    ["ca", "caFile"],
    ["cert", "certFile"],
    ["key", "keyFile"],
  ] as const) {
    if (options[one] === undefined || options[other] === undefined) continue;
    const field = `${where}.ssl.${other}`;
    throw new TelepoolError("INVALID_OPTION", `${where}.ssl.${one} and ${field} cannot both be given`, { field });
  }
  const pem = (value: string | undefined, file: string | undefined, field: string) =>
    file === undefined ? value : readText(file, `${where}.ssl.${field}`);
  return () => {
    const ca = pem(options.ca, options.caFile, "caFile");
    const cert = pem(options.cert, options.certFile, "certFile");
    const key = pem(options.key, options.keyFile, "keyFile");
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
      rejectUnauthorized: options.rejectUnauthorized ?? true,
    };
  };
}

function readText(file: string, field: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TelepoolError("INVALID_OPTION", `${field}: the file ${file} cannot be read`, { field, cause: error });
  }
}
