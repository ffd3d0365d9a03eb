/** Certificates of a test's own: an authority, and what it has signed for a server on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";

/** Files in a temporary folder, which goes with the object. */
export interface Certificates extends Disposable {
  /** The authority's certificate, as PEM. */
  readonly ca: string;
  readonly caFile: string;
  /** The server's, for `localhost` and 127.0.0.1. */
  readonly certFile: string;
  readonly keyFile: string;
}

const AUTHORITY = [{ name: "commonName", value: "telepool tests" }];
const SERVER = [{ name: "commonName", value: "localhost" }];

/** Makes an authority and a server's certificate, on elliptic curves, for a day. */
export async function makeCertificates(): Promise<Certificates> {
  const authority = await generate(AUTHORITY, {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate(SERVER, {
    keyType: "ec",
    algorithm: "sha256",
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), "telepool-certificates-"));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    ca: authority.cert,
    caFile: put("ca.crt", authority.cert),
    certFile: put("server.crt", server.cert),
    keyFile: put("server.key", server.private),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
