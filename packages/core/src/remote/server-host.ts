/** A server's address: `host`, `host:port`, `[::1]:5432`, or the folder or file of a Unix socket. */
import { isIPv6 } from "node:net";
import { TelepoolError } from "../errors.ts";

/** Where one server listens; a `host` that begins with a slash is a Unix socket's path. */
export interface ServerHost {
  readonly host: string;
  readonly port: number;
}

/** @throws TelepoolError `INVALID_OPTION` */
export function parseHost(text: string, defaultPort: number, field: string): ServerHost {
  if (text.startsWith("/")) return { host: text, port: defaultPort };
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bare = isIPv6(text) ? text : undefined;
  const host = bracketed ?? plain ?? bare;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new TelepoolError(
    "INVALID_OPTION",
    `${field}: a host must look like db.internal, db.internal:5432 or [::1]:5432`,
    {
      field,
    },
  );
}

/** The address as text. */
export function showHost({ host, port }: ServerHost): string {
  if (host.startsWith("/")) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
