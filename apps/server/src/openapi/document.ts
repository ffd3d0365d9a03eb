/** The OpenAPI 3.1 document, made of what the routes say about themselves at the first time that it is asked for. */
import type { Hono } from "hono";
import { generateSpecs } from "hono-openapi";
import { OPERATIONS, type OperationText, PARAMETERS } from "./operations.ts";
import { problemRef, problemResponses } from "./problems.ts";
import { tags } from "./tags.ts";

const DESCRIPTION = `Performance profiles, sessions and events: stored durably before they are acknowledged, listed,
aggregated, exported and followed live.

Times are milliseconds since 1970; a query takes dates too. A list goes on with the \`next_cursor\` of its last page. An
unknown query parameter is refused, not ignored. Errors are application/problem+json, with a \`code\` to branch on.`;

type Specs = Awaited<ReturnType<typeof generateSpecs>>;
type PathItem = NonNullable<Specs["paths"][string]>;
type Operation = NonNullable<PathItem["get"]>;
type Parameter = NonNullable<Operation["parameters"]>[number];

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The document of these routes. */
export async function openapiDocument(routes: Hono, isGuarded: boolean): Promise<object> {
  const specs = await generateSpecs(routes, {
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
    documentation: {
      info: {
        title: "telepool",
        version: "3.20",
        description: DESCRIPTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      tags,
      components: {
        responses: problemResponses(),
        securitySchemes: {
          bearer: {
            type: "http",
            scheme: "bearer",
            description: isGuarded
              ? "A token of this server; what it must allow stands at each operation."
              : "This server knows no tokens: none is needed.",
          },
        },
      },
    },
  });
  const paths = Object.entries(specs.paths).map(([path, item]) => [path, item && withTexts(path, item)]);
  return { ...specs, paths: Object.fromEntries(paths) };
}

function withTexts(path: string, item: PathItem): PathItem {
  const told: PathItem = {};
  for (const method of METHODS) {
    const operation = item[method];
    if (operation !== undefined) told[method] = withText(operation, OPERATIONS[`${method.toUpperCase()} ${path}`]);
  }
  return told;
}

function withText(
  { operationId = "", parameters, requestBody, responses, ...rest }: Operation,
  text?: OperationText,
): Operation {
  const headers = Object.entries(text?.headers ?? {}).map(([name, { description, enum: words }]) => ({
    name,
    in: "header",
    description,
    schema: { type: "string" as const, ...(words === undefined ? {} : { enum: [...words] }) },
  }));
  const all = [...(parameters ?? []).map((parameter) => withWords(parameter, text)), ...headers];
  return {
    operationId: text?.id ?? operationId,
    ...rest,
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(requestBody === undefined ? {} : { requestBody }),
    // Whoever checks a query refuses one that it does not know.
    responses: { ...(parameters === undefined ? {} : { 400: problemRef(400) }), ...responses },
  };
}

function withWords(parameter: Parameter, text: OperationText | undefined): Parameter {
  if ("$ref" in parameter) return parameter;
  return { ...parameter, ...(text?.parameters?.[parameter.name] ?? PARAMETERS[parameter.name]) };
}
