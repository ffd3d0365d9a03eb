/** What `/openapi.json` says about a route: its scope, its body, its answers. */
import type { MiddlewareHandler } from "hono";
import { describeRoute, resolver } from "hono-openapi";
import type * as v from "valibot";
import type { Scope } from "../access/scopes.ts";
import type { Example } from "./examples.ts";
import { type ProblemStatus, problemRef } from "./problems.ts";
import type { Tag } from "./tags.ts";

/** A body or an answer: its schema for each media type, where it is more than text. */
export interface Content {
  readonly description: string;
  readonly content: Readonly<Record<string, v.GenericSchema | undefined>>;
  /** Named examples for each media type. */
  readonly examples?: Readonly<Record<string, Readonly<Record<string, Example>>>>;
}

/** What there is to say about a route. Its query parameters are told by `query(…)`, its name by `OPERATIONS`. */
export interface Operation {
  /** Absent where nobody needs a token. */
  readonly scope?: Scope;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly body?: Content;
  readonly answers: Readonly<Record<number, Content>>;
  /** Statuses of problems beside those of a missing token and of a wrong query. */
  readonly errors?: readonly ProblemStatus[];
}

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
  const ofBody: readonly ProblemStatus[] = body === undefined ? [] : [400, 408];
  const ofAccess: readonly ProblemStatus[] = scope === undefined ? [] : [401, 403, 429];
  const problems = [...ofBody, ...ofAccess, ...errors, "default" as const];
  return describeRoute({
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: scope === undefined ? [] : [{ bearer: [scope] }],
    ...(body === undefined ? {} : { requestBody: { required: true, ...shown(body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, shown(answer)])),
      ...Object.fromEntries(problems.map((status) => [status, problemRef(status)])),
    },
  });
}

function shown({ description, content, examples = {} }: Content) {
  const types = Object.entries(content).map(([type, schema]) => [
    type,
    {
      schema: schema === undefined ? { type: "string" as const } : resolver(schema),
      ...(examples[type] === undefined ? {} : { examples: examples[type] }),
    },
  ]);
  return { description, content: Object.fromEntries(types) };
}
