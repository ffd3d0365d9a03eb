/**
 * Takes in what OpenTelemetry sends, by OTLP over HTTP: spans become profiles, log records and data points of metrics
 * become events. docs/opentelemetry.md says what becomes what.
 *
 * A request is first read as far as its records, all of it, so that a body that is damaged is refused as a whole with
 * nothing stored. The records themselves are read one by one as they are stored. A body counts against the budget until
 * its last row is stored.
 */
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { readWhole } from "../body/whole-body.ts";
import { HttpError } from "../http/http-error.ts";
import { answerTo } from "../http/problem.ts";
import { timingOf } from "../observability/server-timing.ts";
import { DecodeBudget, type Decoder, MalformedError, TooMuchError } from "./decoder.ts";
import { describeSignal } from "./describe-signal.ts";
import { jsonDecoder } from "./json-decoder.ts";
import { exportResponse, failureResponse, type OtlpType, otlpType } from "./otlp-answer.ts";
import { LOGS, METRICS, type RecordGroup, type Signal, TRACES } from "./signals.ts";
import { storeRecords } from "./store-records.ts";

/** The most records in one request. */
const MAX_RECORDS = 50_000;
/** The most values in what is read at once of a request: everything but its records. */
const MAX_VALUES_AROUND_RECORDS = 250_000;
/** Of what all rows of a request repeat: a body of some KiB could otherwise become any number of GiB. */
const MAX_SHARED_BYTES = 128 * 1024 * 1024;

/** The routes of OTLP over HTTP; they answer errors themselves, in the way of OTLP. */
export function otlpRoutes(deps: RouteDeps, access: Access): Hono {
  const routes = new Hono();
  for (const signal of [TRACES, LOGS, METRICS]) {
    routes.post(signal.path, describeSignal(signal), access.allow("ingest"), async (c) => {
      const type = otlpType(c.req.raw.headers);
      using share = deps.budget.share();
      const body = await readWhole(c, deps.limits, share);
      const decoder = type === "json" ? jsonDecoder : (await import("./protobuf.ts")).protobufDecoder;
      const { groups, warning } = takeApart(body, type, decoder, signal, deps);
      const outcome = await storeRecords(groups, {
        timing: timingOf(c),
        reasonOf: (error) => answerTo(c, error, deps.log).detail,
      });
      return await exportResponse(c, type, signal, outcome, warning);
    });
  }
  routes.onError((error, c) => failureResponse(c, error, deps.log));
  return routes;
}

/** @throws HttpError 400 or 413 */
function takeApart(body: Uint8Array, type: OtlpType, decoder: Decoder, signal: Signal, { store }: RouteDeps) {
  try {
    const encoded = decoder.open(body);
    const budget = new DecodeBudget(MAX_VALUES_AROUND_RECORDS, MAX_RECORDS);
    const groups = limited(signal.groups(encoded, decoder, budget, store));
    return { groups, warning: type === "json" ? warningFor(encoded, signal) : undefined };
  } catch (error) {
    if (error instanceof TooMuchError)
      throw new HttpError(413, "BODY_TOO_LARGE", `the body cannot be taken: ${error.message}`);
    if (!(error instanceof MalformedError)) throw error;
    const code = type === "json" ? "INVALID_JSON" : "INVALID_PROTOBUF";
    throw new HttpError(400, code, `the body cannot be read: ${error.message}`);
  }
}

/** @throws TooMuchError as soon as the rows would repeat too much: to measure it takes time, too */
function limited(groups: Iterable<RecordGroup>): RecordGroup[] {
  const all: RecordGroup[] = [];
  let bytes = 0;
  for (const group of groups) {
    bytes += group.sharedBytes * group.records.length;
    if (bytes > MAX_SHARED_BYTES) {
      const most = `more than ${MAX_SHARED_BYTES} bytes in all`;
      throw new TooMuchError(
        `every row repeats its resource and scope, which is ${most}; send fewer records at once, or smaller resources`,
      );
    }
    all.push(group);
  }
  return all;
}

/** Fields that are not known must be ignored, and so a body for another path looks like an empty one. */
function warningFor(encoded: unknown, { requestField, path }: Signal): string | undefined {
  const fields = Object.keys(encoded as object); // `groups` has read it
  const isOther = fields.length > 0 && !fields.includes(requestField);
  return isOther ? `the body has no ${requestField}, which is what ${path} takes: nothing was stored` : undefined;
}
