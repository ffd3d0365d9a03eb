/**
 * Takes in what OpenTelemetry sends, by OTLP over HTTP: spans become profiles, log records and data points of metrics
 * become events. docs/opentelemetry.md says what becomes what.
 *
 * A body counts against the budget until its last row is stored.
 */
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { readWhole } from "../body/whole-body.ts";
import { HttpError } from "../http/http-error.ts";
import { answerTo } from "../http/problem.ts";
import { stored } from "../observability/server-timing.ts";
import type { Decoder } from "./decoder.ts";
import { describeSignal } from "./describe-signal.ts";
import { jsonDecoder } from "./json-decoder.ts";
import { exportResponse, failureResponse, type OtlpType, otlpType } from "./otlp-answer.ts";
import { protobufDecoder } from "./protobuf-decoder.ts";
import { LOGS, METRICS, type Signal, TRACES } from "./signals.ts";
import { storeRecords } from "./store-records.ts";
import { MalformedError, TooMuchError } from "./telemetry-value.ts";

const DECODERS: Readonly<Record<OtlpType, Decoder>> = { json: jsonDecoder, protobuf: protobufDecoder };

/** The routes of OTLP over HTTP; they answer errors themselves, in the way of OTLP. */
export function otlpRoutes(deps: RouteDeps, access: Access): Hono {
  const routes = new Hono();
  for (const signal of [TRACES, LOGS, METRICS]) {
    routes.post(signal.path, describeSignal(signal), access.allow("ingest"), async (c) => {
      const type = otlpType(c.req.raw.headers);
      using share = deps.budget.share();
      const body = await readWhole(c, deps.limits, share);
      const { groups, warning } = takeApart(body, type, signal, deps);
      const outcome = await storeRecords(groups, {
        wait: (work) => stored(c, work),
        reasonOf: (error) => answerTo(c, error, deps.log).detail,
      });
      return exportResponse(c, type, signal, outcome, warning);
    });
  }
  routes.onError((error, c) => failureResponse(c, error, deps.log));
  return routes;
}

/** @throws HttpError 400 or 413 */
function takeApart(body: Uint8Array, type: OtlpType, signal: Signal, { store }: RouteDeps) {
  const decoder = DECODERS[type];
  try {
    const encoded = decoder.open(body);
    const groups = signal.groups(encoded, decoder, store);
    return { groups, warning: type === "json" ? warningFor(encoded, signal) : undefined };
  } catch (error) {
    if (error instanceof TooMuchError)
      throw new HttpError(413, "BODY_TOO_LARGE", `the body cannot be taken: ${error.message}`);
    if (!(error instanceof MalformedError)) throw error;
    const code = type === "json" ? "INVALID_JSON" : "INVALID_PROTOBUF";
    throw new HttpError(400, code, `the body cannot be read: ${error.message}`);
  }
}

/** Fields that are not known must be ignored, and so a body for another path looks like an empty one. */
function warningFor(encoded: unknown, { requestField, path }: Signal): string | undefined {
  const fields = Object.keys(encoded as object); // `groups` has read it
  const isOther = fields.length > 0 && !fields.includes(requestField);
  return isOther ? `the body has no ${requestField}, which is what ${path} takes: nothing was stored` : undefined;
}
