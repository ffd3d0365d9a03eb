/**
 * What the server takes and answers, as TypeScript. Made of its OpenAPI document: change nothing here, but run
 * `pnpm client:types` in apps/server.
 */
export interface paths {
  "/": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The status; a page for a browser */
    get: operations["getStatus"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/healthz": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process is alive */
    get: operations["getLiveness"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/readyz": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether requests can be served, which a copy that fails does not hinder */
    get: operations["getReadiness"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/pool-stats": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The counters of the pool, the queues and the operations, and how the copy stands; durations in milliseconds */
    get: operations["getPoolStats"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/pool-query": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A member's sessions, or all for *, each with its newest profiles */
    get: operations["queryPool"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/pool-sync": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Copy to object storage what is new, and wait for it
     * @description 200 tells that everything which was stored before the request is in the bucket; 202 that the sync goes on. GET does the same as POST, for a browser and `curl`.
     */
    get: operations["getPoolSync"];
    put?: never;
    /**
     * Copy to object storage what is new, and wait for it
     * @description 200 tells that everything which was stored before the request is in the bucket; 202 that the sync goes on. GET does the same as POST, for a browser and `curl`.
     */
    post: operations["startPoolSync"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/profiles": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List profiles, newest first */
    get: operations["listProfiles"];
    put?: never;
    /** Store one profile, a list of them, or any number as lines of JSON */
    post: operations["storeProfiles"];
    /** Remove the profiles from before a moment */
    delete: operations["pruneProfiles"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/profiles/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get one profile */
    get: operations["getProfile"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/sessions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List sessions, those that began last first */
    get: operations["listSessions"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/sessions/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get one session */
    get: operations["getSession"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List events, newest first */
    get: operations["listEvents"];
    put?: never;
    /** Store one event, a list of them, or any number as lines of JSON */
    post: operations["storeEvents"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/aggregate": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count, min, max, mean, p50, p95 and p99 of a number inside the profiles, for all or for each group */
    get: operations["aggregateProfiles"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/export": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All profiles, events or sessions that meet a filter, as lines of JSON or CSV */
    get: operations["exportRows"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/tail": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Follow what is stored, as server-sent events; Last-Event-ID goes on where a connection broke */
    get: operations["followTail"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Metrics for Prometheus */
    get: operations["getMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** This document */
    get: operations["getOpenapi"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
     * @description What went wrong, to branch on; a later version may know more
     * @enum {string}
     */
    ErrorCode:
      | "ABORTED"
      | "ACQUIRE_TIMEOUT"
      | "ALL_REJECTED"
      | "BODY_INCOMPLETE"
      | "BODY_TOO_LARGE"
      | "BODY_TOO_SLOW"
      | "BUCKET_NOT_FOUND"
      | "CLOCK_SKEWED"
      | "CLOSE_TIMEOUT"
      | "COMMIT_OUTCOME_UNKNOWN"
      | "CONNECTION_LOST"
      | "CONNECT_FAILED"
      | "CONSTRAINT_VIOLATED"
      | "COPY_DAMAGED"
      | "COPY_FENCED"
      | "COPY_NOT_FOUND"
      | "CREDENTIALS_REFUSED"
      | "DATABASE_BUSY"
      | "DATABASE_CORRUPT"
      | "DATABASE_NOT_FOUND"
      | "DRIVER_NOT_INSTALLED"
      | "FORBIDDEN"
      | "INTERNAL"
      | "INVALID_ARGUMENT"
      | "INVALID_ENCODING"
      | "INVALID_JSON"
      | "INVALID_OPTION"
      | "INVALID_PROFILE"
      | "INVALID_PROTOBUF"
      | "INVALID_TEXT"
      | "LEASE_RELEASED"
      | "METHOD_NOT_ALLOWED"
      | "MIGRATION_FAILED"
      | "NOT_A_DATABASE"
      | "NOT_FOUND"
      | "NOT_SUPPORTED"
      | "PERMISSION_DENIED"
      | "POOL_CLOSED"
      | "POOL_OVERLOADED"
      | "QUEUE_FULL"
      | "RATE_LIMITED"
      | "READ_ONLY"
      | "RESTORE_UNFINISHED"
      | "ROW_TOO_LARGE"
      | "STATEMENT_FAILED"
      | "STATEMENT_TIMEOUT"
      | "STORAGE_FAILED"
      | "STORAGE_FULL"
      | "STORAGE_UNREACHABLE"
      | "TARGET_NOT_EMPTY"
      | "TLS_FAILED"
      | "TOO_MANY_REQUESTS_UNDER_WAY"
      | "UNAUTHORIZED"
      | "UNSUPPORTED_MEDIA_TYPE";
    LineError: {
      /** @description Counted from 1 */
      line: number;
      code: components["schemas"]["ErrorCode"];
      detail: string;
      /** @description The path of the offending value within the line */
      field?: string;
    };
    /**
     * @description An error (RFC 9457)
     * @example {
     *       "type": "about:blank",
     *       "title": "Bad Request",
     *       "status": 400,
     *       "detail": "member must not be empty",
     *       "code": "INVALID_ARGUMENT",
     *       "field": "member",
     *       "request_id": "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f"
     *     }
     */
    Problem: {
      /** @constant */
      type: "about:blank";
      /** @description What the status means */
      title: string;
      status: number;
      /** @description What is wrong, for people */
      detail: string;
      code: components["schemas"]["ErrorCode"];
      /** @description The path of the offending input: member, [3].profile.x */
      field?: string;
      /** @description What the server's log has this request under */
      request_id: string;
      /** @description Of a body of lines that was stored in part */
      accepted?: number;
      /** @description Of a body of lines that was stored in part */
      duplicate?: number;
      /** @description Of a body of lines that was stored in part */
      rejected?: number;
      errors?: components["schemas"]["LineError"][];
      /** @description Of a body of lines that was stored in part */
      errors_omitted?: number;
    };
    Status: {
      name: string;
      version: string;
      /** @enum {string} */
      status: "ok" | "unavailable";
      /** @description Each method and path */
      endpoints: string[];
      /** @description The kind of database; null when it cannot be reached */
      driver: string | null;
    };
    Ready: {
      status: string;
      /** @description How the copy in object storage stands; whatever it is, requests are served */
      sync?: {
        /**
         * @description `held` while another process copies the same store, `failing` while it is tried again
         * @enum {string}
         */
        state: "off" | "starting" | "idle" | "syncing" | "held" | "failing" | "stopped";
        /** @description The code of its last error */
        error: string | null;
      };
    };
    /** @description A summary of durations in milliseconds */
    Durations: {
      count: number;
      min: number;
      max: number;
      mean: number;
      p50: number;
      p95: number;
      p99: number;
    } & {
      [key: string]: unknown;
    };
    WriteQueueStats: {
      queuedRows: number;
      queuedBytes: number;
      waiting: number;
      batches: number;
      rows: number;
      duplicates: number;
      rejected: number;
      meanBatchRows: number;
    } & {
      [key: string]: unknown;
    };
    PoolStats: {
      /** @description Connections in the pool: idle and in use */
      poolSize: number;
      maxPoolSize: number;
      stats: {
        /** @description Times that an idle connection served at once */
        hits: number;
        misses: number;
        totalOperations: number;
        /** @description In milliseconds */
        avgLatency: number;
      };
      /** @description Such as 93.1% */
      hitRate: string;
      inUse: number;
      idle: number;
      creating: number;
      waiting: number;
      timeouts: number;
      created: number;
      destroyed: number;
      detached: number;
      createFailures: number;
      waitMs: components["schemas"]["Durations"];
      useMs: components["schemas"]["Durations"];
      createMs: components["schemas"]["Durations"];
    } & {
      [key: string]: unknown;
    };
    SyncError: {
      code: string;
      message: string;
      /** @description Milliseconds since 1970 */
      at: number;
    };
    /** @description Rows that were copied, and those that are to be; all of them in the phase `checkpoint` */
    SyncProgress: {
      /** @enum {string} */
      phase: "checkpoint" | "log";
      rows: number;
      totalRows: number;
    };
    /** @description All rows as they were between two objects of the log */
    SyncCheckpoint: {
      key: string;
      sequence: number;
      /** @description Milliseconds since 1970 */
      at: number;
      rows: number;
      bytes: number;
    };
    /** @description The last time that the copy was restored to see whether it can be */
    SyncProof: {
      ok: boolean;
      /** @description Milliseconds since 1970 */
      at: number;
      sequence: number;
      rows: number;
      durationMs: number;
      message: string;
    };
    SyncStatus: {
      /**
       * @description `held` while another process copies the same store, `failing` while it is tried again
       * @enum {string}
       */
      state: "off" | "starting" | "idle" | "syncing" | "held" | "failing" | "stopped";
      /** @description Where the copy is */
      location: string;
      /** @description The identity of the copy, when it has one */
      source: string | null;
      /** @description The number of the log's last object */
      sequence: number;
      /** @description Changes that are not copied, as far as this server knows */
      pendingRows: number;
      /** @description How long the oldest of them has been waiting */
      lagSeconds: number;
      /** @description What this server has put since it began */
      objects: number;
      bytes: number;
      requests: {
        classA: number;
        classB: number;
        retries: number;
      };
      /** @description When everything was last copied */
      lastSyncAt: number | null;
      lastError: components["schemas"]["SyncError"] | null;
      progress: components["schemas"]["SyncProgress"] | null;
      checkpoint: components["schemas"]["SyncCheckpoint"] | null;
      proof: components["schemas"]["SyncProof"] | null;
    } & {
      [key: string]: unknown;
    };
    /** @description Counters since the server began; durations are in milliseconds */
    StoreStats: {
      /** @description Connections in the pool: idle and in use */
      poolSize: number;
      maxPoolSize: number;
      stats: {
        /** @description Times that an idle connection served at once */
        hits: number;
        misses: number;
        totalOperations: number;
        /** @description In milliseconds */
        avgLatency: number;
      };
      /** @description Such as 93.1% */
      hitRate: string;
      inUse: number;
      idle: number;
      creating: number;
      waiting: number;
      timeouts: number;
      created: number;
      destroyed: number;
      detached: number;
      createFailures: number;
      operationMs: components["schemas"]["Durations"];
      queues: {
        profiles: components["schemas"]["WriteQueueStats"];
        events: components["schemas"]["WriteQueueStats"];
        lookups: {
          waiting: number;
          batches: number;
          keys: number;
        };
      };
      /** @description Rows by what became of them, whichever way they came */
      ingest: {
        profiles: {
          stored: number;
          duplicate: number;
          rejected: number;
        };
        events: {
          stored: number;
          duplicate: number;
          rejected: number;
        };
      };
      /** @description Each pool by its role: write, read, scan; none before the store is opened */
      pools: {
        [key: string]: components["schemas"]["PoolStats"];
      };
      sync?: components["schemas"]["SyncStatus"];
    } & {
      [key: string]: unknown;
    };
    /**
     * @example {
     *       "id": "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f",
     *       "session": "nightly-2026-11-24",
     *       "member": "nolarose",
     *       "document": "lexer.md",
     *       "profile": {
     *         "parseMs": 12.5,
     *         "tokens": 4180
     *       },
     *       "timestamp": 1795545000000
     *     }
     */
    Profile: {
      id: string;
      session: string;
      member: string;
      document: string;
      /** @description Milliseconds since 1970 */
      timestamp: number;
      profile: {
        [key: string]: unknown;
      };
    };
    SessionWithProfiles: {
      id: string;
      member: string;
      /** @description Milliseconds since 1970 */
      created_at: number;
      /** @description Milliseconds since 1970 */
      last_activity: number;
      profile_count: number;
      profiles: components["schemas"]["Profile"][];
    };
    PoolQueryPage: {
      member: string;
      sessions: components["schemas"]["SessionWithProfiles"][];
      /** @description The `cursor` of the next page; null on the last one */
      next_cursor: string | null;
    };
    SyncResult: {
      /** @description The identity of the copy */
      source: string;
      /** @description The number of the log's last object */
      sequence: number;
      /** @description Objects that were put */
      objects: number;
      rows: {
        profiles: number;
        events: number;
        sessions: number;
        deleted: number;
      };
      bytes: number;
      durationMs: number;
    };
    SyncUnderWay: {
      /**
       * @description `held` while another process copies the same store, `failing` while it is tried again
       * @enum {string}
       */
      state: "off" | "starting" | "idle" | "syncing" | "held" | "failing" | "stopped";
      progress: components["schemas"]["SyncProgress"] | null;
      /** @description Why the last attempt failed, until one succeeds */
      lastError: components["schemas"]["SyncError"] | null;
    };
    StoredRow: {
      id: string;
      duplicate: boolean;
    };
    StoredList: {
      /** @description Rows that were stored */
      accepted: number;
      /** @description Rows whose id was stored before; they changed nothing */
      duplicate: number;
      /** @description Rows that were refused */
      rejected: number;
      ids: string[];
      duplicates: string[];
    };
    StoredLines: {
      /** @description Rows that were stored */
      accepted: number;
      /** @description Rows whose id was stored before; they changed nothing */
      duplicate: number;
      /** @description Rows that were refused */
      rejected: number;
      errors: components["schemas"]["LineError"][];
      errors_omitted?: number;
    };
    /**
     * @description A profile to be stored
     * @example {
     *       "id": "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f",
     *       "session": "nightly-2026-11-24",
     *       "member": "nolarose",
     *       "document": "lexer.md",
     *       "profile": {
     *         "parseMs": 12.5,
     *         "tokens": 4180
     *       },
     *       "timestamp": 1795545000000
     *     }
     */
    ProfileInput: {
      /** @description A new UUIDv7 if absent; an id is stored once */
      id?: string;
      /** @description 1 to 255 characters, none of them NUL */
      session: string;
      /** @description 1 to 255 characters, none of them NUL */
      member: string;
      /** @description 1 to 255 characters, none of them NUL */
      document: string;
      /** @description Any JSON object */
      profile: object;
      /** @description Milliseconds since 1970; now if absent */
      timestamp?: number;
    };
    ProfilePage: {
      items: components["schemas"]["Profile"][];
      /** @description The `cursor` of the next page; null on the last one */
      next_cursor: string | null;
    };
    Pruned: {
      profiles: number;
      sessions: number;
    };
    /**
     * @example {
     *       "id": "nightly-2026-11-24",
     *       "member": "nolarose",
     *       "created_at": 1795545000000,
     *       "last_activity": 1795545000000,
     *       "profile_count": 1
     *     }
     */
    Session: {
      id: string;
      member: string;
      /** @description Milliseconds since 1970 */
      created_at: number;
      /** @description Milliseconds since 1970 */
      last_activity: number;
      profile_count: number;
    };
    SessionPage: {
      items: components["schemas"]["Session"][];
      /** @description The `cursor` of the next page; null on the last one */
      next_cursor: string | null;
    };
    /**
     * @description An event to be stored
     * @example {
     *       "id": "01a01f2e-7d3d-7b19-8e02-6c5d4b3a2f1e",
     *       "event_type": "benchmark_finished",
     *       "data": {
     *         "runs": 20
     *       },
     *       "session": "nightly-2026-11-24",
     *       "timestamp": 1795545060000
     *     }
     */
    EventInput: {
      /** @description A new UUIDv7 if absent; an id is stored once */
      id?: string;
      /** @description 1 to 255 characters, none of them NUL */
      event_type: string;
      data?: object | null;
      session?: string | null;
      /** @description Milliseconds since 1970; now if absent */
      timestamp?: number;
    };
    /**
     * @example {
     *       "id": "01a01f2e-7d3d-7b19-8e02-6c5d4b3a2f1e",
     *       "event_type": "benchmark_finished",
     *       "data": {
     *         "runs": 20
     *       },
     *       "session": "nightly-2026-11-24",
     *       "timestamp": 1795545060000
     *     }
     */
    Event: {
      id: string;
      event_type: string;
      data: {
        [key: string]: unknown;
      };
      session: string | null;
      /** @description Milliseconds since 1970 */
      timestamp: number;
    };
    EventPage: {
      items: components["schemas"]["Event"][];
      /** @description The `cursor` of the next page; null on the last one */
      next_cursor: string | null;
    };
    AggregateGroup: {
      /** @description The column's value, or where the span of time begins; null when nothing was grouped */
      group: (string | number) | null;
      count: number;
      min: number;
      max: number;
      mean: number;
      p50: number;
      p95: number;
      p99: number;
    };
    Aggregate: {
      groups: components["schemas"]["AggregateGroup"][];
    };
  };
  responses: {
    /** @description The request is wrong; `field` says where */
    BadRequest: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description No token was sent, or one that is not known */
    Unauthorized: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The token does not have the scope */
    Forbidden: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description There is no such row */
    NotFound: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The body came too slowly */
    RequestTimeout: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description Somebody has to decide, such as which process copies the database */
    Conflict: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The body is too large */
    ContentTooLarge: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The body's type or encoding is not understood */
    UnsupportedMediaType: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description Nothing could be stored: each row was refused */
    UnprocessableContent: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The token has made too many requests; see `retry-after` */
    TooManyRequests: {
      headers: {
        /** @description How many seconds to wait */
        "retry-after"?: number;
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description Not configured */
    NotImplemented: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The bucket of the copy, or what it was set up with, is at fault; `field` names the setting */
    BadGateway: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description Overloaded, shutting down, or without its database or bucket; see `retry-after` */
    ServiceUnavailable: {
      headers: {
        /** @description How many seconds to wait */
        "retry-after"?: number;
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description The server's disk is full */
    InsufficientStorage: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
    /** @description Any other failure, such as 500 when the server is at fault */
    Failure: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getStatus: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The status; a page for a browser */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Status"];
        };
      };
      default: components["responses"]["Failure"];
    };
  };
  getLiveness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            status: string;
          };
        };
      };
      default: components["responses"]["Failure"];
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description They can */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Ready"];
        };
      };
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  getPoolStats: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The counters */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["StoreStats"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      default: components["responses"]["Failure"];
    };
  };
  queryPool: {
    parameters: {
      query: {
        /**
         * @description Whose sessions; all for *
         * @example nolarose
         */
        member: string;
        /**
         * @description How many of its newest profiles each session shows; 10 if absent
         * @example 3
         */
        profiles?: number;
        /**
         * @description The most items on the page; 50 if absent
         * @example 100
         */
        limit?: number;
        /** @description The `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The sessions */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PoolQueryPage"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  getPoolSync: {
    parameters: {
      query?: {
        /**
         * @description How many seconds to wait for the end; 10 if absent
         * @example 30
         */
        wait?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Everything that was stored before the request is in the bucket */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SyncResult"];
        };
      };
      /** @description The sync goes on */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SyncUnderWay"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      409: components["responses"]["Conflict"];
      429: components["responses"]["TooManyRequests"];
      501: components["responses"]["NotImplemented"];
      502: components["responses"]["BadGateway"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  startPoolSync: {
    parameters: {
      query?: {
        /**
         * @description How many seconds to wait for the end; 10 if absent
         * @example 30
         */
        wait?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Everything that was stored before the request is in the bucket */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SyncResult"];
        };
      };
      /** @description The sync goes on */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SyncUnderWay"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      409: components["responses"]["Conflict"];
      429: components["responses"]["TooManyRequests"];
      501: components["responses"]["NotImplemented"];
      502: components["responses"]["BadGateway"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  listProfiles: {
    parameters: {
      query?: {
        /**
         * @description Only of this member
         * @example nolarose
         */
        member?: string;
        /**
         * @description Only of this session
         * @example nightly-2026-11-24
         */
        session?: string;
        /**
         * @description Only of this document
         * @example lexer.md
         */
        document?: string;
        /**
         * @description From this moment on: milliseconds since 1970, or a date
         * @example 2026-11-24T18:30:00Z
         */
        from?: number | string;
        /**
         * @description Up to this moment, which is not included
         * @example 1795545000000
         */
        to?: number | string;
        /**
         * @description The most items on the page; 50 if absent
         * @example 100
         */
        limit?: number;
        /** @description The `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ProfilePage"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  storeProfiles: {
    parameters: {
      query?: never;
      header?: {
        /** @description How the body is compressed, if it is */
        "content-encoding"?: "gzip" | "deflate";
      };
      path?: never;
      cookie?: never;
    };
    /** @description One row, a list of rows, or rows as lines of JSON of any number */
    requestBody: {
      content: {
        "application/json": components["schemas"]["ProfileInput"] | components["schemas"]["ProfileInput"][];
      };
    };
    responses: {
      /** @description What became of the rows: of one row its id; of a list the ids too; of lines each one that was rejected */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | components["schemas"]["StoredRow"]
            | components["schemas"]["StoredList"]
            | components["schemas"]["StoredLines"];
        };
      };
      /** @description What became of the rows: of one row its id; of a list the ids too; of lines each one that was rejected */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | components["schemas"]["StoredRow"]
            | components["schemas"]["StoredList"]
            | components["schemas"]["StoredLines"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      408: components["responses"]["RequestTimeout"];
      413: components["responses"]["ContentTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["UnprocessableContent"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      507: components["responses"]["InsufficientStorage"];
      default: components["responses"]["Failure"];
    };
  };
  pruneProfiles: {
    parameters: {
      query: {
        /**
         * @description What is from before this moment goes
         * @example 2026-11-01
         */
        before: number | string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How many were removed */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Pruned"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  getProfile: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The row's id
         * @example 01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The profile */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Profile"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      404: components["responses"]["NotFound"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  listSessions: {
    parameters: {
      query?: {
        /**
         * @description Only of this member
         * @example nolarose
         */
        member?: string;
        /**
         * @description The most items on the page; 50 if absent
         * @example 100
         */
        limit?: number;
        /** @description The `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SessionPage"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The row's id
         * @example 01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The session */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      404: components["responses"]["NotFound"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  listEvents: {
    parameters: {
      query?: {
        /**
         * @description Only of this type
         * @example benchmark_finished
         */
        event_type?: string;
        /**
         * @description Only of this session
         * @example nightly-2026-11-24
         */
        session?: string;
        /**
         * @description From this moment on: milliseconds since 1970, or a date
         * @example 2026-11-24T18:30:00Z
         */
        from?: number | string;
        /**
         * @description Up to this moment, which is not included
         * @example 1795545000000
         */
        to?: number | string;
        /**
         * @description The most items on the page; 50 if absent
         * @example 100
         */
        limit?: number;
        /** @description The `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventPage"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  storeEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description How the body is compressed, if it is */
        "content-encoding"?: "gzip" | "deflate";
      };
      path?: never;
      cookie?: never;
    };
    /** @description One row, a list of rows, or rows as lines of JSON of any number */
    requestBody: {
      content: {
        "application/json": components["schemas"]["EventInput"] | components["schemas"]["EventInput"][];
      };
    };
    responses: {
      /** @description What became of the rows: of one row its id; of a list the ids too; of lines each one that was rejected */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | components["schemas"]["StoredRow"]
            | components["schemas"]["StoredList"]
            | components["schemas"]["StoredLines"];
        };
      };
      /** @description What became of the rows: of one row its id; of a list the ids too; of lines each one that was rejected */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | components["schemas"]["StoredRow"]
            | components["schemas"]["StoredList"]
            | components["schemas"]["StoredLines"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      408: components["responses"]["RequestTimeout"];
      413: components["responses"]["ContentTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["UnprocessableContent"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      507: components["responses"]["InsufficientStorage"];
      default: components["responses"]["Failure"];
    };
  };
  aggregateProfiles: {
    parameters: {
      query: {
        /**
         * @description Where the number is inside the profile, as a JSON path
         * @example $.parseMs
         */
        metric: string;
        /** @description One group for each value; a single one if absent */
        group_by?: "member" | "session" | "document" | "time";
        /**
         * @description With group_by=time, the width of a group in milliseconds
         * @example 3600000
         */
        bucket_ms?: number;
        /**
         * @description The most groups; without it more than 1000 are an error
         * @example 100
         */
        limit?: number;
        /**
         * @description Only of this member
         * @example nolarose
         */
        member?: string;
        /**
         * @description Only of this session
         * @example nightly-2026-11-24
         */
        session?: string;
        /**
         * @description Only of this document
         * @example lexer.md
         */
        document?: string;
        /**
         * @description From this moment on: milliseconds since 1970, or a date
         * @example 2026-11-24T18:30:00Z
         */
        from?: number | string;
        /**
         * @description Up to this moment, which is not included
         * @example 1795545000000
         */
        to?: number | string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The groups in ascending order */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Aggregate"];
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  exportRows: {
    parameters: {
      query?: {
        /** @description Which rows */
        kind?: "profiles" | "events" | "sessions";
        /** @description Lines of JSON (ndjson, the default) or CSV */
        format?: "ndjson" | "csv";
        /**
         * @description Only of this type
         * @example benchmark_finished
         */
        event_type?: string;
        /**
         * @description Only of this member
         * @example nolarose
         */
        member?: string;
        /**
         * @description Only of this session
         * @example nightly-2026-11-24
         */
        session?: string;
        /**
         * @description Only of this document
         * @example lexer.md
         */
        document?: string;
        /**
         * @description From this moment on: milliseconds since 1970, or a date
         * @example 2026-11-24T18:30:00Z
         */
        from?: number | string;
        /**
         * @description Up to this moment, which is not included
         * @example 1795545000000
         */
        to?: number | string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The rows; where an export fails on its way, the body ends without its last chunk */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/x-ndjson": string;
          "text/csv": string;
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  followTail: {
    parameters: {
      query?: {
        /** @description Which rows */
        kind?: "profiles" | "events";
        /**
         * @description Only of this member
         * @example nolarose
         */
        member?: string;
        /**
         * @description Only of this session
         * @example nightly-2026-11-24
         */
        session?: string;
        /**
         * @description Only of this document
         * @example lexer.md
         */
        document?: string;
        /**
         * @description Only of this type
         * @example benchmark_finished
         */
        event_type?: string;
      };
      header?: {
        /** @description The id of the last message that was seen: what came after it is sent first */
        "last-event-id"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-sent events: `ready` at once, then `profile` and `event` with a row as JSON, and `missed` with the number of rows that went by unseen, null where it is not known */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      503: components["responses"]["ServiceUnavailable"];
      default: components["responses"]["Failure"];
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Prometheus text */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      429: components["responses"]["TooManyRequests"];
      default: components["responses"]["Failure"];
    };
  };
  getOpenapi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The document */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            openapi: string;
          } & {
            [key: string]: unknown;
          };
        };
      };
      default: components["responses"]["Failure"];
    };
  };
}
