/** Options of the PostgreSQL driver: from an object or a `postgres://` URL, checked and completed. */
import { type PostgresDriverOptions, parseOptions, TelepoolError } from "@telepool/core";
import {
  parseServerUrl,
  presentOptions,
  type ServerConfig,
  serverOptionEntries,
  toServerConfig,
  type UrlRules,
  urlText,
} from "@telepool/core/remote";
import * as v from "valibot";

/** Which server will do, as in libpq. */
export type TargetSessionAttrs = NonNullable<PostgresDriverOptions["targetSessionAttrs"]>;

/** Where the database is and how it is used. */
export interface PgConfig {
  readonly server: ServerConfig;
  readonly schema: string | undefined;
  readonly preparedStatements: boolean;
  readonly targetSessionAttrs: TargetSessionAttrs;
}

const WHERE = "postgresql";
const DEFAULT_PORT = 5432;
const TARGETS = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;

const optionsSchema = v.strictObject({
  ...serverOptionEntries,
  schema: v.optional(v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty"))),
  preparedStatements: v.optional(v.boolean("must be true or false"), true),
  targetSessionAttrs: v.optional(v.picklist(TARGETS, `must be one of: ${TARGETS.join(", ")}`)),
});

const rules: UrlRules = {
  where: WHERE,
  example: "postgres://user:password@host:5432/database",
  scheme: "postgres(?:ql)?",
  options: { schema: "text", preparedStatements: "boolean", targetSessionAttrs: "text" },
  aliases: {
    sslmode: sslMode,
    sslrootcert: (text) => ({ "ssl.caFile": text }),
    sslcert: (text) => ({ "ssl.certFile": text }),
    sslkey: (text) => ({ "ssl.keyFile": text }),
    application_name: (text) => ({ applicationName: text }),
    target_session_attrs: (text) => ({ targetSessionAttrs: text }),
    connect_timeout: (text) => ({ connectTimeoutMs: /^\d{1,6}$/.test(text) ? Number(text) * 1000 : text }),
  },
};

/** libpq's modes; whatever encrypts also verifies here, unless `no-verify` says otherwise. */
function sslMode(mode: string): Record<string, unknown> {
  switch (mode) {
    case "disable":
      return { ssl: false };
    case "require":
    case "verify-ca":
    case "verify-full":
      return { ssl: true, "ssl.rejectUnauthorized": true };
    case "no-verify":
      return { ssl: true, "ssl.rejectUnauthorized": false };
    default:
      throw new TelepoolError(
        "INVALID_OPTION",
        `${WHERE}.url: sslmode must be disable, require, verify-ca, verify-full or no-verify`,
        { field: `${WHERE}.url` },
      );
  }
}

/** Checks options; those in the URL count where the object has none. */
export function parsePgOptions(options: PostgresDriverOptions): PgConfig {
  if (typeof options !== "object" || options === null) {
    throw new TelepoolError("INVALID_OPTION", `${WHERE}: the options must be an object`, { field: WHERE });
  }
  const { url, connectionString, ...own } = options;
  if (url !== undefined && connectionString !== undefined) {
    const field = `${WHERE}.connectionString`;
    throw new TelepoolError("INVALID_OPTION", `${WHERE}.url and ${field} cannot both be given`, { field });
  }
  const given = url ?? connectionString;
  const fromUrl = given === undefined ? {} : parseServerUrl(urlText(given, WHERE), rules);
  const parsed = parseOptions(optionsSchema, { ...fromUrl, ...presentOptions(own) }, WHERE);
  const { schema, preparedStatements, targetSessionAttrs, ...common } = parsed;
  if (!preparedStatements && schema !== undefined) {
    const field = `${WHERE}.schema`;
    throw new TelepoolError(
      "INVALID_OPTION",
      `${field} cannot be given with preparedStatements: false, as a pooler in transaction mode does not keep it; set it for the role: alter role … set search_path = …`,
      { field },
    );
  }
  const server = toServerConfig(common, WHERE, DEFAULT_PORT);
  const several = server.hosts.length > 1 || server.readFrom.length > 0;
  return {
    server,
    schema,
    preparedStatements,
    targetSessionAttrs: targetSessionAttrs ?? (several && !server.readOnly ? "read-write" : "any"),
  };
}
