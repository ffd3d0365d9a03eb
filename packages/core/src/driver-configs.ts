/** What each kind of database is configured by. Types only: the drivers check the values, when they are loaded. */

/** Options of the SQLite driver, `@telepool/driver-sqlite`. */
export interface SqliteDriverOptions {
  /** The database file, or `:memory:`; `./telepool.db` by default. */
  readonly path?: string;
  /** The same as a URL, with options in its query: `sqlite://./telepool.db?synchronous=normal`. */
  readonly url?: string;
  /**
   * When a commit counts as durable: `full` (the default) when it is on the disk; `normal` when the operating system has
   * it, so that a power cut, but not a killed process, can undo the last commits; `off` for data that may be lost.
   */
  readonly synchronous?: "full" | "normal" | "off";
  /** Opens an existing database for reading only. */
  readonly readOnly?: boolean;
}

/** How a connection is encrypted. Files are read at every connect, so that renewed certificates are used. */
export interface TlsOptions {
  /** The certificates of the authorities that are trusted, as PEM; those of the runtime by default. */
  readonly ca?: string;
  /** The same in a file. */
  readonly caFile?: string;
  /** This client's own certificate and key, as PEM or in files, where the server asks for them. */
  readonly cert?: string;
  readonly certFile?: string;
  readonly key?: string;
  readonly keyFile?: string;
  /** The name that the server's certificate must have; the host by default. */
  readonly servername?: string;
  /** Whether the server's certificate must be trusted and fit its name; true by default. False protects from nobody who can answer in the server's place. */
  readonly rejectUnauthorized?: boolean;
}

/** What is configured of any database behind a socket. */
export interface ServerDriverOptions {
  /** Everything in a URL, options in its query; an option beside it counts more than the same one in it. */
  readonly url?: string;
  /** A name, an address, or the folder of a Unix socket; `localhost` by default. */
  readonly host?: string;
  readonly port?: number;
  /** Several servers, as `host` or `host:port`, in the order in which they are tried; a writing connection takes the first that can be written. */
  readonly hosts?: readonly string[];
  readonly user?: string;
  /** The password, or a function that is asked for it at every connect. */
  readonly password?: string | (() => string | Promise<string>);
  /** A file that holds the password and is read at every connect; a line break at its end does not count. */
  readonly passwordFile?: string;
  readonly database?: string;
  /** Encrypts: `true` or `{ … }`; off by default. */
  readonly ssl?: boolean | TlsOptions;
  /** Replicas, as `host` or `host:port`, from which is read; when none can be reached, reads go to the primary. */
  readonly readFrom?: readonly string[];
  /** Refuses every write, also on a server that would take it. */
  readonly readOnly?: boolean;
  /** How long one attempt to connect to one host may take, in milliseconds; 5000 by default. */
  readonly connectTimeoutMs?: number;
  /** How long the server may take for a statement, in milliseconds; as the server is configured by default. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for an answer before the connection is given up, in milliseconds, or `Infinity`; 60 000 by default. */
  readonly queryTimeoutMs?: number;
  /** The name under which the server lists these connections; `telepool` by default. */
  readonly applicationName?: string;
}

/** Options of the PostgreSQL driver, `@telepool/driver-pg`. */
export interface PostgresDriverOptions extends ServerDriverOptions {
  /** The same as `url`, under the name that `pg` uses. */
  readonly connectionString?: string;
  /** The schema that holds the tables; the first one of the server's search path by default. It must exist. */
  readonly schema?: string;
  /** Whether statements are prepared under names; `false` for PgBouncer in transaction mode. */
  readonly preparedStatements?: boolean;
  /** Which of several hosts will do, as in libpq; `read-write` where there are several or replicas, else `any`. */
  readonly targetSessionAttrs?: "any" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby";
}

/** Options of the MySQL and MariaDB driver, `@telepool/driver-mysql`. */
export interface MysqlDriverOptions extends ServerDriverOptions {}

/** The size of a pool under the names that `pg` uses: the same as `pool.max` and `pool.min`. */
export interface PostgresPoolSize {
  readonly max?: number;
  readonly min?: number;
}

/** The size of a pool under the name that `mysql2` uses: the same as `pool.max`. */
export interface MysqlPoolSize {
  readonly connectionLimit?: number;
}

/** The kinds of database, and what their drivers are configured by. */
export interface DriverConfigs {
  readonly sqlite: SqliteDriverOptions;
  readonly postgresql: PostgresDriverOptions;
  readonly mysql: MysqlDriverOptions;
}

/** The same with what stands beside it in a store's configuration. */
export interface StoreConfigs {
  readonly sqlite: SqliteDriverOptions;
  readonly postgresql: PostgresDriverOptions & PostgresPoolSize;
  readonly mysql: MysqlDriverOptions & MysqlPoolSize;
}

/** A kind of database that telepool has a driver for. */
export type DatabaseKind = keyof DriverConfigs;
