/**
 * Query parameters by a schema: each at most once, and none that is not known, so that a misspelt one is not ignored. The
 * schema also is what `/openapi.json` says about them.
 */
import { TelepoolError } from "@telepool/core";
import type { MiddlewareHandler } from "hono";
import { validator } from "hono-openapi";
import * as v from "valibot";

type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** For routes that take none. */
export const noParameters: ObjectSchema = v.strictObject({});

/** What a handler finds under `c.req.valid("query")`. */
interface QueryInput<S extends ObjectSchema> {
  in: { query: Record<string, string> };
  out: { query: v.InferOutput<S> };
}

/** `typeMode`: the document shows what a parameter means, such as an integer, not the text that it arrives as. */
const SCHEMA_OPTIONS = { options: { typeMode: "output", ignoreActions: ["transform", "check"] } };

/**
 * Checks the query of a request.
 *
 * @throws TelepoolError `INVALID_ARGUMENT`, with the parameter as `field`
 */
export function query<S extends ObjectSchema>(schema: S): MiddlewareHandler<object, string, QueryInput<S>> {
  return validator(
    "query",
    schema,
    (result) => {
      if (!result.success) throw objection(schema, result.error as readonly v.BaseIssue<unknown>[]); // valibot's own
    },
    SCHEMA_OPTIONS,
  ) as unknown as MiddlewareHandler<object, string, QueryInput<S>>; // its own type speaks of every way to validate
}

/** A misspelt parameter is told before the one that it leaves missing. */
function objection(schema: ObjectSchema, issues: readonly v.BaseIssue<unknown>[]): TelepoolError {
  const issue = issues.find(isUnknownKey) ?? issues[0];
  const name = issue === undefined ? "" : (v.getDotPath(issue) ?? "");
  return new TelepoolError("INVALID_ARGUMENT", `${name} ${ruleOf(schema, issue)}`, { field: name });
}

function ruleOf(schema: ObjectSchema, issue: v.BaseIssue<unknown> | undefined): string {
  if (issue === undefined) return "the query is wrong";
  const known = Object.keys(schema.entries);
  if (isUnknownKey(issue)) {
    if (known.length === 0) return "is not known; there are no parameters here";
    return `is not known; there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`;
  }
  if (issue.type === "strict_object") return "is missing";
  return Array.isArray(issue.input) ? "must be given only once" : issue.message;
}

function isUnknownKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === "strict_object" && expected === "never";
}
