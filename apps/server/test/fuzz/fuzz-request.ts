/** Requests that a client could send, by mistake or by intent: from well-formed ones to noise. */
import type { Random } from "./random.ts";

/** What is sent. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | undefined;
}

const NAMES = ["member", "session", "document", "event_type", "from", "to", "limit", "cursor", "metric", "group_by"];
const MORE_NAMES = [
  "bucket_ms",
  "kind",
  "format",
  "before",
  "profiles",
  "x",
  "__proto__",
  "constructor",
  "",
  "limit[]",
];
const VALUES = [
  ...["*", "s1", "m", "d.md", "login", "0", "1", "50", "1000", "1001", "-1", "1e3", "NaN", "9007199254740991"],
  ...["99999999999999999999", "2026-11-24", "2026-11-24T10:00:00Z", "2026-99-99", "ndjson", "csv", "profiles"],
  ...[
    "events",
    "sessions",
    "time",
    "member",
    "$.ms",
    "ms",
    '$["a b"][0]',
    "$.a[",
    "$..",
    "WzEsImEiXQ",
    "W10",
    "bnVsbA",
  ],
  ...["'; drop table profiles; --", '" or 1=1', "%", "_", "\0", "\ud800", "𝄞", "é".repeat(300), "x".repeat(5000), ""],
  ...[
    "../../etc/passwd",
    "<script>",
    "\r\nx-evil: 1",
    "{{7*7}}",
    "$(x)",
    "%00",
    "null",
    "undefined",
    "[object Object]",
  ],
];
const TYPES = [
  ...["application/json", "application/json; charset=utf-8", "application/x-ndjson", "application/ndjson"],
  ...["application/x-protobuf", "text/plain", "multipart/form-data", "application/json; charset=utf-16", "", ";", "/"],
];
const ENCODINGS = ["identity", "gzip", "gzip", "deflate", "br", "GZIP", "gzip, gzip", "x"];

/** One request to a route, such as `GET /api/profiles/:id`. */
export function fuzzRequest(random: Random, endpoint: string): FuzzRequest {
  const [known = "GET", pattern = "/"] = endpoint.split(" ");
  const method = random.oneIn(12) ? random.pick(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]) : known;
  const path = pattern.replaceAll(/:\w+/g, () => encodeURIComponent(random.pick(VALUES).toWellFormed()) || "x");
  const takesBody = method === "POST" || method === "PUT" || method === "PATCH";
  const { type, bytes } = takesBody ? body(random, path) : { type: undefined, bytes: undefined };
  const headers = fuzzHeaders(random, type);
  return {
    method,
    path: path + query(random),
    headers,
    body: bytes === undefined ? undefined : encoded(random, bytes, headers),
  };
}

function query(random: Random): string {
  const count = random.pick([0, 0, 1, 1, 2, 3, 6]);
  const pairs = Array.from({ length: count }, () => {
    const name = random.oneIn(4) ? random.pick(MORE_NAMES) : random.pick(NAMES);
    const value = random.pick(VALUES);
    // Raw bytes at times: what a client does not escape arrives as it is.
    return random.oneIn(8) ? `${name}=%${random.pick(["zz", "ff", "", "%", "c3%28"])}` : `${enc(name)}=${enc(value)}`;
  });
  return count === 0 ? random.pick(["", "", "?"]) : `?${pairs.join("&")}`;
}

function enc(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function fuzzHeaders(random: Random, type: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (type !== undefined && !random.oneIn(15)) headers["content-type"] = random.oneIn(8) ? random.pick(TYPES) : type;
  if (random.oneIn(10))
    headers.accept = random.pick(["text/html", "*/*", "application/json;q=0", ",,;q=x", "text/event-stream"]);
  if (random.oneIn(20)) headers["x-request-id"] = random.pick(["abc", "x".repeat(300), "é", "-"]).replaceAll("é", "e");
  if (random.oneIn(20))
    headers["last-event-id"] = random.pick(["1", "a-1", "-", "x".repeat(200), "0-99999999999999999"]);
  if (random.oneIn(20)) headers.authorization = random.pick(["Bearer", "Bearer x", "Basic eA==", "x".repeat(2000)]);
  if (random.oneIn(25)) headers.range = "bytes=0-1";
  return headers;
}

/** The body as it is sent: compressed at times, and not always as its header says. */
function encoded(random: Random, bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Uint8Array {
  if (!random.oneIn(5)) return bytes;
  const encoding = random.pick(ENCODINGS);
  headers["content-encoding"] = encoding;
  if (random.oneIn(6)) return bytes;
  const packed = encoding.toLowerCase() === "deflate" ? Bun.deflateSync(bytes) : Bun.gzipSync(bytes);
  return random.oneIn(3) ? damaged(random, packed) : packed;
}

function body(random: Random, path: string): { type: string; bytes: Uint8Array<ArrayBuffer> } {
  if (path.startsWith("/v1/") && random.oneIn(2)) {
    const noise = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    return { type: "application/x-protobuf", bytes: noise };
  }
  const make = path.startsWith("/v1/") ? otlp : path.includes("events") ? event : profile;
  const kind = random.below(4);
  const text =
    kind === 0
      ? Array.from({ length: random.below(6) }, () => (random.oneIn(6) ? "nope" : JSON.stringify(make(random)))).join(
          "\n",
        )
      : JSON.stringify(kind === 1 ? Array.from({ length: random.below(5) }, () => make(random)) : make(random));
  const bytes = new TextEncoder().encode(random.oneIn(10) ? random.pick(NOT_JSON) : text);
  const type = kind === 0 ? "application/x-ndjson" : "application/json";
  return { type, bytes: random.oneIn(8) ? damaged(random, bytes) : bytes };
}

const NOT_JSON = [
  "",
  "{",
  "[",
  "null",
  "0",
  '""',
  "[[]]",
  "[null]",
  "{}",
  "\ufeff{}",
  `${"[".repeat(20_000)}`,
  '{"a":1}}',
  "NaN",
];

function damaged(random: Random, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice(0, random.oneIn(2) ? random.below(bytes.length) + 1 : bytes.length);
  for (let flips = random.below(4); flips > 0; flips--) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

function profile(random: Random): unknown {
  return spoiled(random, {
    session: random.pick(["s1", "s2", "s3"]),
    member: random.pick(["m", "ada"]),
    document: "d.md",
    profile: { ms: random.below(1000), nested: { list: [1, "two", null] } },
    ...(random.oneIn(3) ? { id: `id-${random.below(200)}` } : {}),
    ...(random.oneIn(3) ? { timestamp: random.below(2 ** 31) * 1000 } : {}),
  });
}

function event(random: Random): unknown {
  return spoiled(random, {
    event_type: random.pick(["login", "logout"]),
    ...(random.oneIn(2) ? { data: { n: random.below(10) } } : {}),
    ...(random.oneIn(2) ? { session: random.pick(["s1", null]) } : {}),
    ...(random.oneIn(3) ? { id: `e-${random.below(200)}` } : {}),
  });
}

function otlp(random: Random): unknown {
  const span = {
    traceId: random.pick(["0af7651916cd43dd8448eb211c80319c", "00000000000000000000000000000000", "zz", ""]),
    spanId: random.pick(["b7ad6b7169203331", "", "1"]),
    name: random.pick(["GET /", "", "x".repeat(400)]),
    startTimeUnixNano: random.pick(["1700000000000000000", 0, "-1", 1e30, "x"]),
    attributes: [{ key: "a", value: random.pick<unknown>([{ stringValue: "x" }, { intValue: "1" }, {}, null, 1]) }],
  };
  const record = { timeUnixNano: "1700000000000000000", body: { stringValue: "hello" } };
  const metric = { name: "m", gauge: { dataPoints: [{ asInt: "1", timeUnixNano: "1" }, { asDouble: "NaN" }] } };
  return spoiled(random, {
    resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [spoiled(random, span)] }] }],
    resourceLogs: [{ scopeLogs: [{ logRecords: [spoiled(random, record)] }] }],
    resourceMetrics: [{ scopeMetrics: [{ metrics: [spoiled(random, metric)] }] }],
  });
}

const SPOILERS: readonly unknown[] = [
  ...[null, 0, -1, 1.5, 1e308, true, "", "x".repeat(300), "\0", "\ud800", [], {}, [[[]]], { __proto__: null }, 2 ** 53],
];

/** The same object, at times with a field that is missing, wrong, or one too many. */
function spoiled(random: Random, row: Record<string, unknown>): unknown {
  if (!random.oneIn(3)) return row;
  const copy = { ...row };
  const key = random.pick(Object.keys(copy));
  if (random.oneIn(3)) delete copy[key];
  else copy[random.oneIn(4) ? random.pick([...MORE_NAMES, "type"]) : key] = random.pick(SPOILERS);
  return copy;
}
