/**
 * One request of each signal with every field that telepool reads: as JSON, and as protobuf.
 *
 * The protobuf is what protobufjs 8.8.1 made of the JSON by the official .proto files (opentelemetry-proto 1.11.0), so
 * that it holds the decoder's tables to them: their numbers, their types, and which of them are packed.
 */
const attr = (key: string, value: object) => ({ key, value });
const every = [
  attr("text", { stringValue: "grüße 🎈" }),
  attr("yes", { boolValue: true }),
  attr("no", { boolValue: false }),
  attr("whole", { intValue: "-42" }),
  attr("huge", { intValue: "9223372036854775807" }),
  attr("least", { intValue: "-9223372036854775808" }),
  attr("half", { doubleValue: 0.5 }),
  attr("bytes", { bytesValue: "AAEC/w==" }),
  attr("none", {}),
  attr("list", { arrayValue: { values: [{ stringValue: "a" }, { intValue: "1" }, { arrayValue: { values: [] } }] } }),
  attr("map", {
    kvlistValue: { values: [attr("inner", { kvlistValue: { values: [attr("x", { doubleValue: -1.25 })] } })] },
  }),
  attr("__proto__", { stringValue: "harmless" }),
];
const T = "0102030405060708090a0b0c0d0e0f10",
  S = "1112131415161718";
const resource = {
  attributes: [attr("service.name", { stringValue: "checkout" }), attr("host.name", { stringValue: "h1" })],
  droppedAttributesCount: 1,
};
const scope = {
  name: "lib",
  version: "1.2.3",
  attributes: [attr("k", { stringValue: "v" })],
  droppedAttributesCount: 2,
};
const traces = {
  resourceSpans: [
    {
      resource,
      schemaUrl: "https://r",
      scopeSpans: [
        {
          scope,
          schemaUrl: "https://s",
          spans: [
            {
              traceId: T,
              spanId: S,
              traceState: "a=b",
              parentSpanId: "2122232425262728",
              flags: 769,
              name: "GET /cart",
              kind: 3,
              startTimeUnixNano: "1700000000123456789",
              endTimeUnixNano: "1700000000125957790",
              attributes: every,
              droppedAttributesCount: 3,
              events: [
                {
                  timeUnixNano: "1700000000124000001",
                  name: "cache miss",
                  attributes: [attr("key", { stringValue: "cart:1" })],
                  droppedAttributesCount: 4,
                },
              ],
              droppedEventsCount: 5,
              links: [
                {
                  traceId: "ffffffffffffffffffffffffffffffff",
                  spanId: "eeeeeeeeeeeeeeee",
                  traceState: "c=d",
                  attributes: [attr("why", { stringValue: "batch" })],
                  droppedAttributesCount: 6,
                  flags: 257,
                },
              ],
              droppedLinksCount: 7,
              status: { message: "boom", code: 2 },
            },
            { traceId: T, spanId: "3132333435363738" },
          ],
        },
      ],
    },
  ],
};
const logs = {
  resourceLogs: [
    {
      resource,
      schemaUrl: "https://r",
      scopeLogs: [
        {
          scope,
          schemaUrl: "https://s",
          logRecords: [
            {
              timeUnixNano: "1700000000123456789",
              observedTimeUnixNano: "1700000000223456789",
              severityNumber: 17,
              severityText: "ERROR",
              body: { kvlistValue: { values: every } },
              attributes: every,
              droppedAttributesCount: 8,
              flags: 1,
              traceId: T,
              spanId: S,
              eventName: "checkout.failed",
            },
            { observedTimeUnixNano: "1700000000323456789", body: { stringValue: "plain" } },
          ],
        },
      ],
    },
  ],
};
const at = {
  startTimeUnixNano: "1700000000000000000",
  timeUnixNano: "1700000060000000001",
  attributes: [attr("route", { stringValue: "/cart" })],
};
const exemplars = [
  {
    filteredAttributes: [attr("user", { stringValue: "u1" })],
    timeUnixNano: "1700000030000000000",
    asDouble: 12.5,
    spanId: S,
    traceId: T,
  },
  { timeUnixNano: "1700000031000000000", asInt: "-7" },
];
const metrics = {
  resourceMetrics: [
    {
      resource,
      schemaUrl: "https://r",
      scopeMetrics: [
        {
          scope,
          schemaUrl: "https://s",
          metrics: [
            {
              name: "queue.depth",
              description: "How deep",
              unit: "{row}",
              metadata: [attr("m", { stringValue: "n" })],
              gauge: {
                dataPoints: [
                  { ...at, asInt: "-9007199254740993", exemplars, flags: 1 },
                  { ...at, timeUnixNano: "1700000060000000002", asDouble: 1.5 },
                ],
              },
            },
            {
              name: "requests",
              unit: "1",
              sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...at, asInt: "12" }] },
            },
            {
              name: "duration",
              unit: "s",
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [
                  {
                    ...at,
                    count: "6",
                    sum: 7.5,
                    bucketCounts: ["1", "2", "3"],
                    explicitBounds: [0.5, 1],
                    exemplars,
                    flags: 0,
                    min: 0.25,
                    max: 3,
                  },
                ],
              },
            },
            {
              name: "size",
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    ...at,
                    count: "9",
                    sum: -1.5,
                    scale: -3,
                    zeroCount: "2",
                    positive: { offset: -2, bucketCounts: ["1", "0", "300"] },
                    negative: { offset: 1, bucketCounts: ["4"] },
                    exemplars,
                    flags: 1,
                    min: -9,
                    max: 8,
                    zeroThreshold: 0.001,
                  },
                ],
              },
            },
            {
              name: "latency",
              summary: {
                dataPoints: [
                  {
                    ...at,
                    count: "4",
                    sum: 10,
                    quantileValues: [
                      { quantile: 0.5, value: 2 },
                      { quantile: 0.99, value: 4.5 },
                    ],
                    flags: 1,
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
};

export const FULL_JSON: Readonly<Record<"traces" | "logs" | "metrics", object>> = { traces, logs, metrics };

export const FULL_PROTOBUF: Readonly<Record<"traces" | "logs" | "metrics", Uint8Array>> = {
  traces: Buffer.from(
    "CsAECjEKGgoMc2VydmljZS5uYW1lEgoKCGNoZWNrb3V0ChEKCWhvc3QubmFtZRIECgJoMRABEv8DChgKA2xpYhIFMS4yLjMaCAoBaxIDCgF2" +
      "IAISuQMKEAECAwQFBgcICQoLDA0ODxASCBESExQVFhcYGgNhPWIiCCEiIyQlJicoKglHRVQgL2NhcnQwAzkVzYU9/pyXF0Ge9qs9/pyXF0oW" +
      "CgR0ZXh0Eg4KDGdyw7zDn2Ug8J+OiEoJCgN5ZXMSAhABSggKAm5vEgIQAEoUCgV3aG9sZRILGNb//////////wFKEgoEaHVnZRIKGP//////" +
      "////f0oUCgVsZWFzdBILGICAgICAgICAgAFKEQoEaGFsZhIJIQAAAAAAAOA/Sg8KBWJ5dGVzEgY6BAABAv9KCAoEbm9uZRIAShcKBGxpc3QS" +
      "DyoNCgMKAWEKAhgBCgIqAEomCgNtYXASHzIdChsKBWlubmVyEhIyEAoOCgF4EgkhAAAAAAAA9L9KFwoJX19wcm90b19fEgoKCGhhcm1sZXNz" +
      "UANaKAkBF449/pyXFxIKY2FjaGUgbWlzcxoPCgNrZXkSCAoGY2FydDoxIARgBWo4ChD/////////////////////Egju7u7u7u7u7hoDYz1k" +
      "Ig4KA3doeRIHCgViYXRjaCgGNQEBAABwB3oIEgRib29tGAKFAQEDAAASHAoQAQIDBAUGBwgJCgsMDQ4PEBIIMTIzNDU2NzgaCWh0dHBzOi8v" +
      "cxoJaHR0cHM6Ly9y",
    "base64",
  ),
  logs: Buffer.from(
    "CrwFCjEKGgoMc2VydmljZS5uYW1lEgoKCGNoZWNrb3V0ChEKCWhvc3QubmFtZRIECgJoMRABEvsEChgKA2xpYhIFMS4yLjMaCAoBaxIDCgF2" +
      "IAISvwQJFc2FPf6clxcQERoFRVJST1Iq+AEy9QEKFgoEdGV4dBIOCgxncsO8w59lIPCfjogKCQoDeWVzEgIQAQoICgJubxICEAAKFAoFd2hv" +
      "bGUSCxjW//////////8BChIKBGh1Z2USChj//////////38KFAoFbGVhc3QSCxiAgICAgICAgIABChEKBGhhbGYSCSEAAAAAAADgPwoPCgVi" +
      "eXRlcxIGOgQAAQL/CggKBG5vbmUSAAoXCgRsaXN0Eg8qDQoDCgFhCgIYAQoCKgAKJgoDbWFwEh8yHQobCgVpbm5lchISMhAKDgoBeBIJIQAA" +
      "AAAAAPS/ChcKCV9fcHJvdG9fXxIKCghoYXJtbGVzczIWCgR0ZXh0Eg4KDGdyw7zDn2Ug8J+OiDIJCgN5ZXMSAhABMggKAm5vEgIQADIUCgV3" +
      "aG9sZRILGNb//////////wEyEgoEaHVnZRIKGP//////////fzIUCgVsZWFzdBILGICAgICAgICAgAEyEQoEaGFsZhIJIQAAAAAAAOA/Mg8K" +
      "BWJ5dGVzEgY6BAABAv8yCAoEbm9uZRIAMhcKBGxpc3QSDyoNCgMKAWEKAhgBCgIqADImCgNtYXASHzIdChsKBWlubmVyEhIyEAoOCgF4Egkh" +
      "AAAAAAAA9L8yFwoJX19wcm90b19fEgoKCGhhcm1sZXNzOAhFAQAAAEoQAQIDBAUGBwgJCgsMDQ4PEFIIERITFBUWFxhZFa57Q/6clxdiD2No" +
      "ZWNrb3V0LmZhaWxlZBISKgcKBXBsYWluWRWPcUn+nJcXGglodHRwczovL3MaCWh0dHBzOi8vcg==",
    "base64",
  ),
  metrics: Buffer.from(
    "CqoHCjEKGgoMc2VydmljZS5uYW1lEgoKCGNoZWNrb3V0ChEKCWhvc3QubmFtZRIECgJoMRABEukGChgKA2xpYhIFMS4yLjMaCAoBaxIDCgF2" +
      "IAIS3gEKC3F1ZXVlLmRlcHRoEghIb3cgZGVlcBoFe3Jvd30qswEKgQERAAAqNv6clxcZAVhxLgydlxcqPBEArE0yBZ2XFxkAAAAAAAApQCII" +
      "ERITFBUWFxgqEAECAwQFBgcICQoLDA0ODxA6DAoEdXNlchIECgJ1MSoSEQB26G0FnZcXMfn/////////Mf///////9//OhAKBXJvdXRlEgcK" +
      "BS9jYXJ0QAEKLREAACo2/pyXFxkCWHEuDJ2XFyEAAAAAAAD4PzoQCgVyb3V0ZRIHCgUvY2FydGIICgFtEgMKAW4SQgoIcmVxdWVzdHMaATE6" +
      "MwotEQAAKjb+nJcXGQFYcS4MnZcXMQwAAAAAAAAAOhAKBXJvdXRlEgcKBS9jYXJ0EAIYARLbAQoIZHVyYXRpb24aAXNKywEKxgERAAAqNv6c" +
      "lxcZAVhxLgydlxchBgAAAAAAAAApAAAAAAAAHkAyGAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAADoQAAAAAAAA4D8AAAAAAADwP0I8EQCsTTIF" +
      "nZcXGQAAAAAAAClAIggREhMUFRYXGCoQAQIDBAUGBwgJCgsMDQ4PEDoMCgR1c2VyEgQKAnUxQhIRAHbobQWdlxcx+f////////9KEAoFcm91" +
      "dGUSBwoFL2NhcnRZAAAAAAAA0D9hAAAAAAAACEAQARLPAQoEc2l6ZVLGAQrBAQoQCgVyb3V0ZRIHCgUvY2FydBEAACo2/pyXFxkBWHEuDJ2X" +
      "FyEJAAAAAAAAACkAAAAAAAD4vzAFOQIAAAAAAAAAQggIAxIEAQCsAkoFCAISAQRQAVo8EQCsTTIFnZcXGQAAAAAAAClAIggREhMUFRYXGCoQ" +
      "AQIDBAUGBwgJCgsMDQ4PEDoMCgR1c2VyEgQKAnUxWhIRAHbobQWdlxcx+f////////9hAAAAAAAAIsBpAAAAAAAAIEBx/Knx0k1iUD8QAhJt" +
      "CgdsYXRlbmN5WmIKYBEAACo2/pyXFxkBWHEuDJ2XFyEEAAAAAAAAACkAAAAAAAAkQDISCQAAAAAAAOA/EQAAAAAAAABAMhIJrkfhehSu7z8R" +
      "AAAAAAAAEkA6EAoFcm91dGUSBwoFL2NhcnRAARoJaHR0cHM6Ly9zGglodHRwczovL3I=",
    "base64",
  ),
};
