/** Why a server could not listen, in words that name the address and what to do. */

/** A server that could not begin to listen. */
export class ListenError extends Error {
  readonly code: "ADDRESS_IN_USE" | "ADDRESS_NOT_ALLOWED" | "LISTEN_FAILED";

  constructor(code: ListenError["code"], message: string, cause: unknown) {
    super(message, { cause });
    this.name = "ListenError";
    this.code = code;
  }
}

/** What Bun threw when it was to listen. */
export function listenError(error: unknown, host: string, port: number): ListenError {
  const code = (error as { code?: unknown } | null)?.code; // only looked at
  const address = `${host}:${port}`;
  if (code === "EADDRINUSE") {
    return new ListenError(
      "ADDRESS_IN_USE",
      `${address} is in use; stop what listens there or choose another port`,
      error,
    );
  }
  if (code === "EACCES") {
    return new ListenError(
      "ADDRESS_NOT_ALLOWED",
      `${address} may not be used by this user; choose a port above 1023`,
      error,
    );
  }
  return new ListenError("LISTEN_FAILED", `could not listen on ${address}; check the host`, error);
}
