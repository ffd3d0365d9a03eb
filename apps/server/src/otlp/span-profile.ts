/** A span as a profile: its trace is the session, its service the member, its name the document. */
import type { ProfileInput } from "@telepool/core";
import { MalformedError } from "./decoder.ts";
import type { Decoded } from "./messages.ts";
import type { Origin } from "./origin.ts";
import { rowName, toMs } from "./telemetry-value.ts";

const KINDS: readonly (string | undefined)[] = [undefined, "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS_CODES: readonly string[] = ["UNSET", "OK", "ERROR"];
const NANOS_PER_MS = 1_000_000;

/**
 * @throws MalformedError for a span without ids, which is what most logs and metrics look like when they are sent to the
 *   path for traces
 */
export function spanProfile(span: Decoded<"Span">, origin: Origin): ProfileInput {
  const { traceId, spanId, name, kind = 0, status: { code = 0, message } = {} } = span;
  if (!traceId || !spanId) {
    throw new MalformedError("a span needs a trace id of 16 bytes and a span id of 8 bytes, neither of them all zero");
  }
  const timestamp = toMs(span.startTimeUnixNano);
  return {
    id: `${traceId}-${spanId}`,
    session: traceId,
    member: origin.service,
    document: rowName(name, "unnamed"),
    ...(timestamp === undefined ? {} : { timestamp }),
    profile: {
      ...span,
      kind: KINDS[kind] ?? span.kind,
      durationMs: durationMs(span),
      status: { code: STATUS_CODES[code] ?? code, message },
      ...origin.shown,
    },
  };
}

/** Exact for spans of less than 104 days; none for a span that has not ended, or ended before it began. */
function durationMs({ startTimeUnixNano, endTimeUnixNano }: Decoded<"Span">): number | undefined {
  if (startTimeUnixNano === undefined || endTimeUnixNano === undefined) return undefined;
  const nanos = BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano);
  return nanos < 0n ? undefined : Number(nanos) / NANOS_PER_MS;
}
