/** What the errors of the operating system and of TLS mean: the same for every database behind a socket. */
import type { ErrorClass } from "../driver/driver.ts";

/** A connection that is gone. */
export const CONNECTION_LOST: ErrorClass = {
  code: "CONNECTION_LOST",
  message: "the connection to the server was lost; try again",
  retryable: false,
};

const UNTRUSTED: ErrorClass = {
  code: "TLS_FAILED",
  message: "the server's certificate is not trusted or does not fit its name; give ssl.caFile or ssl.servername",
  retryable: false,
};

function connectFailed(message: string): ErrorClass {
  return { code: "CONNECT_FAILED", message, retryable: false };
}

const BY_CODE: Readonly<Record<string, ErrorClass>> = {
  EAI_AGAIN: connectFailed("the host's name could not be looked up"),
  ECONNREFUSED: connectFailed("nobody listens there; check host and port, and that the server runs"),
  ECONNRESET: CONNECTION_LOST,
  EHOSTUNREACH: connectFailed("the host cannot be reached"),
  ENETUNREACH: connectFailed("the network cannot be reached"),
  ENOENT: connectFailed("there is no such socket; check host, and that the server runs"),
  ENOTFOUND: connectFailed("the host's name is not known"),
  EPIPE: CONNECTION_LOST,
  ETIMEDOUT: CONNECTION_LOST,
};

/** OpenSSL's names for what is wrong with a certificate. Source: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;

/** The meaning of an error, if the operating system or TLS threw it. */
export function systemErrorClass(error: unknown): ErrorClass | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code; // only looked at
  if (typeof code !== "string") return undefined;
  return CERTIFICATE.test(code) ? UNTRUSTED : Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
}

/** Whether an error came from a socket or from TLS: on a connection that was there, it is the end of it. */
export function isSocketError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown }; // only looked at
  if (typeof syscall === "string" || systemErrorClass(error) !== undefined) return true;
  return typeof code === "string" && /^(?:E[A-Z]{4,}|ERR_SSL_|ERR_STREAM_|ERR_SOCKET_)/.test(code);
}
