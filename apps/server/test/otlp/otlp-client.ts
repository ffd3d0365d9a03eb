/** A store with the routes of OTLP before it, and answers as a client understands them. */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { createPool, type TelemetryPool } from "@telepool/core";
import type { Hono } from "hono";
import { Access, type AccessOptions } from "../../src/access/access.ts";
import { type AppDeps, routeDeps } from "../../src/app-deps.ts";
import type { LogEntry } from "../../src/observability/log.ts";
import { otlpRoutes } from "../../src/otlp/otlp-routes.ts";

export type SignalName = "traces" | "logs" | "metrics";

/** An answer, whichever type it has. */
export interface OtlpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string | null;
  readonly bytes: Buffer;
  /** Of a success with something to say. */
  readonly partial: { readonly rejected: number; readonly message: string } | undefined;
  /** Of a failure. */
  readonly failure: { readonly code: number; readonly message: string } | undefined;
}

export interface OtlpClient extends AsyncDisposable {
  readonly app: Hono;
  readonly store: TelemetryPool;
  readonly logged: LogEntry[];
  /** Sends an object as JSON, and bytes as protobuf. */
  send(signal: SignalName, body: object | Uint8Array, headers?: Record<string, string>): Promise<OtlpAnswer>;
}

export function otlpClient(
  options: Partial<Pick<AppDeps, "limits">> & {
    readonly access?: AccessOptions;
    /** Stands before the store. */
    readonly wrap?: (store: TelemetryPool) => AppDeps["store"];
  } = {},
): OtlpClient {
  const store = createPool("sqlite://:memory:");
  const logged: LogEntry[] = [];
  const deps = routeDeps({
    store: options.wrap?.(store) ?? store,
    log: (entry) => logged.push(entry),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const app = otlpRoutes(deps, new Access(options.access));
  return {
    app,
    store,
    logged,
    send: async (signal, body, headers = {}) => {
      const isBytes = body instanceof Uint8Array;
      const response = await app.request(`/v1/${signal}`, {
        method: "POST",
        headers: { "content-type": isBytes ? "application/x-protobuf" : "application/json", ...headers },
        body: isBytes ? new Uint8Array(body) : JSON.stringify(body),
      });
      return readAnswer(response);
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

async function readAnswer(response: Response): Promise<OtlpAnswer> {
  const { status, headers } = response;
  const type = headers.get("content-type");
  const bytes = Buffer.from(await response.arrayBuffer());
  const fields = type === "application/json" ? jsonFields(bytes.toString()) : protobufFields(bytes, status);
  return {
    status,
    headers,
    type,
    bytes,
    partial: status === 200 && fields.text !== "" ? { rejected: fields.number, message: fields.text } : undefined,
    failure: status === 200 ? undefined : { code: fields.number, message: fields.text },
  };
}

interface Fields {
  readonly number: number;
  readonly text: string;
}

function jsonFields(body: string): Fields {
  const { code, message, partialSuccess = {} } = JSON.parse(body);
  const { errorMessage, ...rejected } = partialSuccess;
  return { number: Number(code ?? Object.values(rejected)[0] ?? 0), text: message ?? errorMessage ?? "" };
}

/** A message with a number in field 1 and text in field 2: a Status, or what a success has in its field 1. */
function protobufFields(bytes: Uint8Array, status: number): Fields {
  const from = new BinaryReader(bytes);
  if (status === 200 && from.len > 0) {
    from.tag();
    from.uint32(); // the length of field 1, which is all that there is
  }
  let number = 0;
  let text = "";
  while (from.pos < from.len) {
    const [field] = from.tag();
    if (field === 1) number = from.int32();
    else text = from.string();
  }
  return { number, text };
}
