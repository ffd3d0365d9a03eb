/** What `/openapi.json` says about the routes of OTLP, whose bodies are OpenTelemetry's own and described there. */
import type { MiddlewareHandler } from "hono";
import { describeRoute } from "hono-openapi";
import type { Signal } from "./signals.ts";

const OTLP = "https://opentelemetry.io/docs/specs/otlp/";

const ANSWERS: Readonly<Record<string, string>> = {
  200: "Stored. `partialSuccess` is there when records were rejected, and says how many and why",
  400: "The body cannot be read",
  401: "No token was sent, or one that is not known",
  403: "The token does not have the scope",
  413: "The body is too large, or has too many records",
  415: "The body's type or encoding is not understood",
  429: "The token has made too many requests; see `retry-after`",
  503: "Overloaded, shutting down, or without its database; see `retry-after`",
  default: "A fault of the server; its log has the reason",
};

const CONTENT = {
  "application/x-protobuf": { schema: { type: "string" as const, format: "binary" } },
  "application/json": { schema: { type: "object" as const } },
};

/** Describes a route; it does nothing else. */
export function describeSignal({ path, records }: Signal): MiddlewareHandler {
  return describeRoute({
    tags: ["OpenTelemetry"],
    summary: `Store ${records} that came by OTLP over HTTP`,
    description: "An answer has the type of its request. An error is a google.rpc.Status.",
    externalDocs: { url: OTLP, description: `OTLP, ${path}` },
    security: [{ bearer: ["ingest"] }],
    requestBody: { required: true, content: CONTENT },
    responses: Object.fromEntries(
      Object.entries(ANSWERS).map(([status, description]) => [status, { description, content: CONTENT }]),
    ),
  });
}
