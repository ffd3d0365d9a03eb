/** The client: openapi-fetch over the server's own types, and two things that it cannot do, lines and the live tail. */
import openapiFetch, { type Client } from "openapi-fetch";
import type { paths } from "./api-types.ts";
import type { Rows } from "./line-stream.ts";
import { ProblemError } from "./problem-error.ts";
import type { TailFilter } from "./rows.ts";
import {
  type PostLines,
  type RowsByKind,
  type StoreLinesOptions,
  type StoreLinesResult,
  storeLines,
} from "./store-lines.ts";
import { followTail, sleep, type TailDeps, type TailOptions } from "./tail.ts";
import type { TailMessage } from "./tail-messages.ts";

/** Where the server is, and how it is asked. */
export interface ClientOptions {
  /** `http://127.0.0.1:8081`, with a path where a proxy has one before it. */
  readonly baseUrl: string;
  /** Sent with every request, as `authorization: Bearer …`. */
  readonly token?: string;
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * Each operation of the server under its method and path, typed by its document: `client.GET("/api/profiles", …)` resolves
 * with `data`, or with `error` where the server refused; it rejects only when there was no answer.
 */
export interface TelepoolClient extends Client<paths> {
  /**
   * Stores any number of rows in one request, as lines of JSON that are sent while they are made. Rows without an `id` are
   * stored again when the call is repeated.
   */
  storeLines<Kind extends keyof RowsByKind>(
    kind: Kind,
    rows: Rows<RowsByKind[Kind]>,
    options?: StoreLinesOptions,
  ): Promise<StoreLinesResult>;
  /**
   * Follows what is stored from now on, and comes back by itself when the connection breaks.
   *
   * @throws ProblemError when the server refuses; what fetch throws, when the first connection fails
   */
  tail(filter?: TailFilter, options?: TailOptions): AsyncGenerator<TailMessage, void, undefined>;
}

/** Makes a client; it opens nothing. */
export function createClient({ baseUrl, token, fetch }: ClientOptions): TelepoolClient {
  const client = openapiFetch<paths>({
    baseUrl,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...(fetch === undefined ? {} : { fetch }),
  });
  const post = client.POST as unknown as PostLines; // its types know no body that is a stream
  return {
    ...client,
    storeLines: (kind, rows, options = {}) => storeLines(post, kind, rows, options),
    tail: (filter = {}, options = {}) =>
      followTail({ open: tailOpener(client, filter), sleep, random: Math.random }, options),
  };
}

function tailOpener(client: Client<paths>, filter: TailFilter): TailDeps["open"] {
  return async (lastEventId, signal) => {
    const { data, error, response } = await client.GET("/api/tail", {
      params: { query: filter, header: lastEventId === undefined ? {} : { "last-event-id": lastEventId } },
      headers: { accept: "text/event-stream" },
      parseAs: "stream",
      signal,
    });
    if (data == null) throw new ProblemError(response, error);
    return data;
  };
}
