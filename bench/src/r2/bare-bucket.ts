/**
 * The SDK alone, set up as telepool sets it up for R2: objects are put one after the other, each only if its key is free,
 * with Content-MD5 and with no checksums of the SDK's own.
 */
import { createHash } from "node:crypto";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Place } from "./bench-r2.ts";

/** An object as it was put. */
export interface PutObject {
  readonly content: Uint8Array;
  readonly metadata: Record<string, string>;
}

/** A bucket without telepool. */
export class BareBucket implements Disposable {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor({ endpoint, bucket, credentials }: Place) {
    this.#bucket = bucket;
    this.#client = new S3Client({
      region: "auto",
      endpoint,
      forcePathStyle: true,
      credentials: { ...credentials }, // the SDK writes into what it is given
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      expectContinueHeader: false,
      maxAttempts: 1,
    });
  }

  /** Puts objects below a prefix, and gives the milliseconds that it took. */
  async putMs(objects: readonly PutObject[], prefix: string): Promise<number> {
    const startedMs = performance.now();
    for (const [position, { content, metadata }] of objects.entries()) {
      await this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: `${prefix}/${String(position).padStart(20, "0")}`,
          Body: content,
          ContentLength: content.length,
          ContentMD5: createHash("md5").update(content).digest("base64"),
          Metadata: metadata,
          IfNoneMatch: "*",
        }),
      );
    }
    return performance.now() - startedMs;
  }

  /** Reads the objects of a copy's log behind a number, in their order. */
  async readLog(prefix: string, source: string, after = 0): Promise<PutObject[]> {
    const log = `${prefix}/v1/${source}/log/`;
    const first = { Bucket: this.#bucket, Prefix: log, StartAfter: `${log}${String(after).padStart(20, "0")}~` };
    const { Contents = [], IsTruncated } = await this.#client.send(new ListObjectsV2Command(first));
    if (IsTruncated) throw new Error("the log has more objects than one listing shows");
    const objects: PutObject[] = [];
    for (const { Key } of Contents) {
      const { Body, Metadata = {} } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key }));
      if (Body === undefined) throw new Error(`${Key} has no content`);
      objects.push({ content: await Body.transformToByteArray(), metadata: Metadata });
    }
    return objects;
  }

  /** How large an object is. */
  async bytesOf(key: string): Promise<number> {
    const { ContentLength } = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
    return ContentLength ?? Number.NaN;
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
