/** The two databases, and the words in which they differ. */
import {
  type DatabaseKind,
  mysqlServer,
  postgresServer,
  startMysql,
  startPostgres,
  type TestServer,
  type ThrowawayOptions,
  type ThrowawayServer,
} from "../src/index.ts";

/** One of the two. */
interface Kind {
  readonly kind: DatabaseKind;
  readonly shared: () => Promise<TestServer>;
  readonly start: (options?: ThrowawayOptions) => Promise<ThrowawayServer>;
  /** The variable that names a server which is there already. */
  readonly variable: string;
  readonly version: RegExp;
  readonly maxConnections: string;
  readonly cipher: string;
  readonly unknownSetting: string;
  readonly wrongPassword: RegExp;
}

export const KINDS: readonly Kind[] = [
  {
    kind: "postgresql",
    shared: postgresServer,
    start: startPostgres,
    variable: "TELEPOOL_TEST_PG_URL",
    version: /^1\d\.\d/,
    maxConnections: "show max_connections",
    cipher: "select cipher from pg_stat_ssl where pid = pg_backend_pid()",
    unknownSetting: 'unrecognized configuration parameter "nonsense"',
    wrongPassword: /password authentication failed/,
  },
  {
    kind: "mysql",
    shared: mysqlServer,
    start: startMysql,
    variable: "TELEPOOL_TEST_MYSQL_URL",
    version: /^\d+\.\d/,
    maxConnections: "select @@max_connections",
    cipher: "select variable_value from information_schema.session_status where variable_name = 'SSL_CIPHER'",
    unknownSetting: "unknown variable 'nonsense=1'",
    wrongPassword: /Access denied/,
  },
];
