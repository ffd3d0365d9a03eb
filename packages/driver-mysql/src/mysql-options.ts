/** Options of the MySQL driver: from an object or a `mysql://` URL, checked and completed. */
import { userInfo } from "node:os";
import { type MysqlDriverOptions, parseOptions, TelepoolError } from "@telepool/core";
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

/** Where the database is and how it is used. */
export interface MysqlConfig extends ServerConfig {
  readonly user: string;
  readonly database: string;
}

const WHERE = "mysql";
const DEFAULT_PORT = 3306;

const optionsSchema = v.strictObject({ ...serverOptionEntries });

const rules: UrlRules = {
  where: WHERE,
  example: "mysql://user:password@host:3306/database",
  scheme: "(?:mysql|mariadb)",
  options: {},
  aliases: {
    "ssl-mode": sslMode,
    "ssl-ca": (text) => ({ "ssl.caFile": text }),
    "ssl-cert": (text) => ({ "ssl.certFile": text }),
    "ssl-key": (text) => ({ "ssl.keyFile": text }),
    socket: (text) => ({ host: text }),
  },
};

/** The modes of MySQL's own clients; whatever encrypts also verifies here. */
function sslMode(mode: string): Record<string, unknown> {
  switch (mode.toUpperCase()) {
    case "DISABLED":
      return { ssl: false };
    case "REQUIRED":
    case "VERIFY_CA":
    case "VERIFY_IDENTITY":
      return { ssl: true, "ssl.rejectUnauthorized": true };
    default:
      throw new TelepoolError(
        "INVALID_OPTION",
        `${WHERE}.url: ssl-mode must be DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY`,
        { field: `${WHERE}.url` },
      );
  }
}

/** Checks options; those in the URL count where the object has none. */
export function parseMysqlOptions(options: MysqlDriverOptions): MysqlConfig {
  if (typeof options !== "object" || options === null) {
    throw new TelepoolError("INVALID_OPTION", `${WHERE}: the options must be an object`, { field: WHERE });
  }
  const { url, ...own } = options;
  const fromUrl = url === undefined ? {} : parseServerUrl(urlText(url, WHERE), rules);
  const config = toServerConfig(
    parseOptions(optionsSchema, { ...fromUrl, ...presentOptions(own) }, WHERE),
    WHERE,
    DEFAULT_PORT,
  );
  if (config.database === undefined) {
    const field = `${WHERE}.database`;
    throw new TelepoolError("INVALID_OPTION", `${field} is missing: name the database that holds the tables`, {
      field,
    });
  }
  // As MySQL's own clients do.
  return { ...config, user: config.user ?? userInfo().username, database: config.database };
}
