/** Options of the SQLite driver: from an object or a `sqlite://` URL, checked and completed. */
import { resolve } from "node:path";
import { parseOptions, type SqliteDriverOptions, TelepoolError } from "@telepool/core";
import * as v from "valibot";

/** Where a database is and how it is opened. */
export interface SqliteConfig {
  /** The file, absolute so that a later change of the current folder does not matter; or `:memory:`. */
  readonly path: string;
  readonly synchronous: "full" | "normal" | "off";
  readonly readOnly: boolean;
}

/** The path of a database without a file. */
export const MEMORY = ":memory:";
const DEFAULT_PATH = "./telepool.db";

const optionsSchema = v.strictObject({
  path: v.optional(v.pipe(v.string("must be a string"), v.minLength(1, "must not be empty"))),
  url: v.optional(v.string("must be a string")),
  synchronous: v.optional(v.picklist(["full", "normal", "off"], "must be full, normal or off"), "full"),
  readOnly: v.optional(v.boolean("must be true or false"), false),
});

/** Checks options; those in the URL's query count where the object has none. */
export function parseSqliteOptions(options: SqliteDriverOptions): SqliteConfig {
  if (typeof options !== "object" || options === null) {
    throw new TelepoolError("INVALID_OPTION", "sqlite: the options must be an object", { field: "sqlite" });
  }
  const { path, url, synchronous, readOnly } = parseOptions(
    optionsSchema,
    { ...fromUrl(options.url), ...options },
    "sqlite",
  );
  if (path !== undefined && url !== undefined && options.path !== undefined) {
    throw new TelepoolError("INVALID_OPTION", "sqlite.path and sqlite.url cannot both be given", {
      field: "sqlite.url",
    });
  }
  const file = path ?? DEFAULT_PATH;
  if (file.includes("\0"))
    throw new TelepoolError("INVALID_OPTION", "sqlite.path holds a NUL character", { field: "sqlite.path" });
  if (file === MEMORY && readOnly) {
    throw new TelepoolError("INVALID_OPTION", "sqlite.readOnly makes no sense for :memory:, which begins empty", {
      field: "sqlite.readOnly",
    });
  }
  return { path: file === MEMORY ? file : resolve(file), synchronous, readOnly };
}

/** The options in a URL: `sqlite://./a.db`, `sqlite:///abs/a.db`, `sqlite::memory:`, `file:a.db?synchronous=normal`. */
function fromUrl(url: string | undefined): Record<string, unknown> {
  if (url === undefined) return {};
  const match = /^(?:sqlite|file):(?:\/\/)?([^?#]*)(?:\?([^#]*))?$/i.exec(url);
  const invalid = (rule: string) => new TelepoolError("INVALID_OPTION", `sqlite.url ${rule}`, { field: "sqlite.url" });
  if (match === null)
    throw invalid("must look like sqlite://./telepool.db, sqlite:///absolute/path.db or sqlite://:memory:");
  const [, encodedPath = "", query = ""] = match;
  if (encodedPath === "") throw invalid("names no file; write sqlite://./telepool.db for one in the current folder");
  const options: Record<string, unknown> = { path: decode(encodedPath, invalid) };
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === "path" || key === "url") throw invalid(`cannot hold the option ${key}`);
    if (Object.hasOwn(options, key)) throw invalid(`gives the option ${key} twice`);
    options[key] = key === "readOnly" ? toBoolean(value) : value;
  }
  return options;
}

function decode(text: string, invalid: (rule: string) => TelepoolError): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("has a percent sign that encodes nothing; write %25 for the sign itself");
  }
}

/** `true` and `false` as booleans; anything else as it is, for the schema to refuse. */
function toBoolean(value: string): unknown {
  return value === "true" ? true : value === "false" ? false : value;
}
