/**
 * A server's URL, taken apart into options: `scheme://user:password@host:port,host:port/database?option=value`.
 *
 * Options stand in the query under their own names, those of TLS as `ssl.caFile`, lists with commas. What is wrong is
 * told by the option's name; the URL itself may hold a password and is never repeated.
 */
import { TelepoolError } from "../errors.ts";

/** How the text of an option in a URL becomes its value. */
export type UrlOption = "text" | "number" | "boolean" | "list";

/** How a driver reads its URLs. */
export interface UrlRules {
  /** Where messages start: the kind of database. */
  readonly where: string;
  /** A URL of this kind, as an example. */
  readonly example: string;
  /** The scheme, as a pattern: `postgres(?:ql)?`. */
  readonly scheme: string;
  /** The options that the query may hold beside those of every server. */
  readonly options: Readonly<Record<string, UrlOption>>;
  /** Names that other clients use: from the query's name and text to options. */
  readonly aliases: Readonly<Record<string, (text: string) => Record<string, unknown>>>;
}

const COMMON: Readonly<Record<string, UrlOption>> = {
  host: "text",
  port: "number",
  hosts: "list",
  user: "text",
  password: "text",
  passwordFile: "text",
  database: "text",
  ssl: "boolean",
  readFrom: "list",
  readOnly: "boolean",
  connectTimeoutMs: "number",
  statementTimeoutMs: "number",
  queryTimeoutMs: "number",
  applicationName: "text",
};

const TLS: Readonly<Record<string, UrlOption>> = {
  "ssl.ca": "text",
  "ssl.caFile": "text",
  "ssl.cert": "text",
  "ssl.certFile": "text",
  "ssl.key": "text",
  "ssl.keyFile": "text",
  "ssl.servername": "text",
  "ssl.rejectUnauthorized": "boolean",
};

/**
 * The options in a URL.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parseServerUrl(url: string, rules: UrlRules): Record<string, unknown> {
  const field = `${rules.where}.url`;
  const invalid = (rule: string) => new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field });
  const pattern = `^${rules.scheme}://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^/?#]*)(?:/([^?#]*))?(?:\\?([^#]*))?$`;
  const match = new RegExp(pattern, "i").exec(url);
  if (match === null)
    throw invalid(`must look like ${rules.example}; encode special characters of a password (%40 for @)`);
  const [, user, password, hosts = "", database, query = ""] = match;
  const options: Record<string, unknown> = {};
  const put = (name: string, value: unknown): void => {
    if (Object.hasOwn(options, name)) throw invalid(`gives the option ${name} twice`);
    options[name] = value;
  };
  if (user) put("user", decode(user, invalid));
  if (password !== undefined) put("password", decode(password, invalid));
  if (hosts.includes(","))
    put(
      "hosts",
      hosts.split(",").map((host) => decode(host, invalid)),
    );
  else if (hosts !== "") putHost(decode(hosts, invalid), put);
  if (database) put("database", decode(database, invalid));
  const given = new Set<string>();
  for (const pair of query.split("&").filter((part) => part !== "")) {
    const [encoded = "", ...rest] = pair.split("=");
    const name = decode(encoded, invalid);
    const text = decode(rest.join("="), invalid);
    const alias = Object.hasOwn(rules.aliases, name) ? rules.aliases[name] : undefined;
    const found = alias === undefined ? { [name]: optionValue(name, text, rules, invalid) } : alias(text);
    for (const [option, value] of Object.entries(found)) {
      if (given.has(option)) throw invalid(`gives the option ${option} twice`);
      given.add(option);
      putOption(options, option, value, put);
    }
  }
  if (options.ssl === false && [...given].some((option) => option.startsWith("ssl."))) {
    throw invalid("turns TLS off, and gives options of it");
  }
  return options;
}

/** `host:port` of a single host becomes two options, so that either can be given beside the URL. */
function putHost(text: string, put: (name: string, value: unknown) => void): void {
  const [, host, port] = /^(.*[^:\]]|\[.*\]):(\d+)$/.exec(text) ?? [];
  put("host", host ?? text);
  if (port !== undefined) put("port", Number(port));
}

/** Puts an option in its place; those of TLS are one object, which `ssl=true` alone leaves empty. */
function putOption(
  options: Record<string, unknown>,
  name: string,
  value: unknown,
  put: (name: string, value: unknown) => void,
): void {
  if (!name.startsWith("ssl")) {
    if (name === "host" && typeof value === "string" && value.includes(",")) put("hosts", value.split(","));
    else put(name, value);
    return;
  }
  const before = options.ssl;
  const tls = typeof before === "object" && before !== null ? before : {};
  if (name === "ssl") options.ssl = value === true ? tls : value;
  else if (before !== false) options.ssl = { ...tls, [name.slice("ssl.".length)]: value };
}

function optionValue(name: string, text: string, rules: UrlRules, invalid: (rule: string) => TelepoolError): unknown {
  const kinds: Readonly<Record<string, UrlOption>> = { ...COMMON, ...TLS, ...rules.options };
  switch (Object.hasOwn(kinds, name) ? kinds[name] : undefined) {
    case "text":
      return text;
    case "number":
      return text === "Infinity" || /^\d{1,15}$/.test(text) ? Number(text) : text; // anything else is for the schema to refuse
    case "boolean":
      return text === "true" || text === "" ? true : text === "false" ? false : text;
    case "list":
      return text.split(",");
    default:
      throw invalid(`has the option ${name}, which is not known; there are: ${Object.keys(kinds).join(", ")}`);
  }
}

function decode(text: string, invalid: (rule: string) => TelepoolError): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("has a percent sign that encodes nothing; write %25 for the sign itself");
  }
}

/** @throws TelepoolError `INVALID_OPTION` when it is no text */
export function urlText(url: unknown, where: string): string {
  if (typeof url === "string") return url;
  throw new TelepoolError("INVALID_OPTION", `${where}.url must be a text`, { field: `${where}.url` });
}
