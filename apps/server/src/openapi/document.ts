/** The OpenAPI 3.1 document, made of what the routes say about themselves at the first time that it is asked for. */
import type { Hono } from "hono";
import { generateSpecs } from "hono-openapi";

const DESCRIPTION = `Performance profiles, sessions and events: stored durably before they are acknowledged, listed,
aggregated, exported and followed live. Times are milliseconds since 1970. Errors are application/problem+json.`;

/** The document of these routes. */
export async function openapiDocument(routes: Hono, isGuarded: boolean): Promise<object> {
  return await generateSpecs(routes, {
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
    documentation: {
      info: {
        title: "telepool",
        version: "3.20",
        description: DESCRIPTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      components: {
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
}
