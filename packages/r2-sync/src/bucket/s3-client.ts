/**
 * The SDK's client, set up for R2: no checksums that R2 does not know, no retries and no corrections of the clock, which
 * are ours to decide, and nothing taken from the machine's AWS configuration.
 */
import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import type { R2Config } from "./r2-options.ts";

const CONNECT_TIMEOUT_MS = 5000;
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** A client for one endpoint; its connections are kept for the next requests until `destroy`. */
export function s3Client(endpoint: string, { credentials }: Pick<R2Config, "credentials">): S3Client {
  const client = new S3Client({
    region: "auto",
    endpoint,
    forcePathStyle: true,
    credentials: async () => credentials(),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    disableClockSkewCorrection: true, // or a wrong clock fails once, and only the first time
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    logger: quiet,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, logger: quiet },
  });
  addContentMd5(client);
  return client;
}

interface HttpRequest {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** R2 wants Content-MD5 for DeleteObjects, where the SDK writes a checksum of its own instead. */
function addContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (context.commandName === "DeleteObjectsCommand") replaceChecksum(args.request as HttpRequest); // what is built by then
      return next(args);
    },
    { step: "build", name: "telepoolContentMd5", priority: "low" },
  );
}

function replaceChecksum({ headers, body }: HttpRequest): void {
  for (const name of Object.keys(headers)) if (/^x-amz-(?:sdk-)?checksum-/i.test(name)) delete headers[name];
  headers["content-md5"] = md5Base64(String(body));
}

/** As `Content-MD5` has it. */
export function md5Base64(content: string | Uint8Array): string {
  return createHash("md5").update(content).digest("base64");
}
