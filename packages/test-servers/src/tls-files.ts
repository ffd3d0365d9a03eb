/** A server wants a key that belongs to it and that nobody else may read: so it gets copies. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveTo } from "./account.ts";
import type { Site } from "./server-kind.ts";

/** The server's own certificate and key, when it is to speak TLS. */
export function tlsFiles({ folder, account, options }: Site): { cert: string; key: string } | undefined {
  if (options.tls === undefined) return undefined;
  const [cert, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  copyFileSync(options.tls.certFile, cert);
  writeFileSync(key, readFileSync(options.tls.keyFile), { mode: 0o600 });
  for (const file of [cert, key]) giveTo(account, file);
  return { cert, key };
}
