/** What `/openapi.json` says about a route: its scope, its body, its answers. */
import type { MiddlewareHandler } from "hono";
import { describeRoute, resolver } from "hono-openapi";
import type * as v from "valibot";
import type { Scope } from "../access/scopes.ts";
import { problem } from "./shapes.ts";

/** A body or an answer: its schema for each media type. */
export interface Content {
  readonly description: string;
  readonly content: Readonly<Record<string, v.GenericSchema | undefined>>;
}

/** What there is to say about a route. Its query parameters are told by `query(…)`. */
export interface Operation {
  /** Absent where nobody needs a token. */
  readonly scope?: Scope;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly body?: Content;
  readonly answers: Readonly<Record<number, Content>>;
  /** Statuses of problems beside those that every route can answer. */
  readonly errors?: readonly number[];
}

const REASONS: Readonly<Record<number, string>> = {
  400: "The request is wrong; `field` says where",
  401: "No token was sent, or one that is not known",
  403: "The token does not have the scope",
  404: "There is no such row",
  413: "The body is too large",
  415: "The body's type or encoding is not understood",
  422: "Nothing could be stored: each row was refused",
  429: "The token has made too many requests; see `retry-after`",
  501: "Not configured",
  503: "Overloaded, shutting down, or without its database; see `retry-after`",
  507: "The server's disk is full",
};

/** Describes the route that it is put into; it does nothing else. */
export function describe({
  scope,
  tag,
  summary,
  description,
  body,
  answers,
  errors = [],
}: Operation): MiddlewareHandler {
  const problems = [400, ...(scope === undefined ? [] : [401, 403, 429]), ...errors];
  return describeRoute({
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: scope === undefined ? [] : [{ bearer: [scope] }],
    ...(body === undefined ? {} : { requestBody: { required: true, ...shown(body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, shown(answer)])),
      ...Object.fromEntries(
        problems.map((status) => [
          status,
          shown({ description: REASONS[status] ?? "", content: { "application/problem+json": problem } }),
        ]),
      ),
    },
  });
}

function shown({ description, content }: Content) {
  const types = Object.entries(content).map(([type, schema]) => [
    type,
    schema === undefined ? { schema: { type: "string" as const } } : { schema: resolver(schema) },
  ]);
  return { description, content: Object.fromEntries(types) };
}
