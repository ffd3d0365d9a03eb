/**
 * A bucket of Cloudflare R2, or of another storage that speaks the S3 protocol.
 *
 * Objects are put in one piece with Content-MD5, so that what is stored is what was sent. A put whose answer was lost is
 * sent again: with `ifAbsent` it then finds its own object and says `exists`. `head` cannot tell a missing bucket from a
 * missing object, because answers to HEAD have no body; `check` can.
 */
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { type Clock, isTelepoolError, systemClock } from "@telepool/core";
import type { Bucket, BucketCounts, ObjectHead, ObjectInfo, PutOptions, StoredObject } from "./bucket.ts";
import { ContentCheck } from "./content-check.ts";
import { deleteSurely } from "./delete-surely.ts";
import { findJurisdiction } from "./find-jurisdiction.ts";
import { checkKey, checkMetadata } from "./object-rules.ts";
import { type EndpointOf, r2Endpoint } from "./r2-endpoint.ts";
import { parseR2Options, type R2BucketOptions } from "./r2-options.ts";
import { R2Requests } from "./r2-requests.ts";
import { md5Base64 } from "./s3-client.ts";
import { BrokenAnswer, s3Failure } from "./s3-failure.ts";

/** What a bucket depends on beside its options. */
export interface R2BucketContext {
  /** For time-outs and pauses; signatures are made by the machine's clock. */
  readonly clock?: Clock;
  /** The path of the options, which fields of errors start with: `sync`. */
  readonly where?: string;
  readonly endpointOf?: EndpointOf;
}

/** The bucket. Connections are made when they are needed, and kept until `close`. */
export class R2Bucket implements Bucket {
  readonly location: string;
  readonly #requests: R2Requests;
  readonly #endpointOf: EndpointOf;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: R2BucketOptions, context: R2BucketContext = {}) {
    const { clock = systemClock, where = "sync", endpointOf = r2Endpoint } = context;
    const config = parseR2Options(options, where, endpointOf);
    this.location = `${config.endpoint}/${config.bucket}`;
    this.#endpointOf = endpointOf;
    this.#requests = new R2Requests(config, clock);
  }

  get counts(): BucketCounts {
    return this.#requests.counts;
  }

  async put(key: string, content: Uint8Array, options: PutOptions = {}): Promise<"stored" | "exists"> {
    const { ifAbsent = false, metadata = {}, contentType, signal } = options;
    checkKey(key);
    checkMetadata(metadata);
    const input = {
      Bucket: this.#bucket,
      Key: key,
      Body: content,
      ContentLength: content.length,
      ContentMD5: md5Base64(content),
      Metadata: { ...metadata },
      ...(contentType === undefined ? {} : { ContentType: contentType }),
      ...(ifAbsent ? { IfNoneMatch: "*" } : {}),
    };
    return await this.#requests.send(
      { operation: "PutObject", billedAs: "classA", key, signal },
      async (client, own) => {
        this.#requests.countPut(content.length);
        try {
          await client.send(new PutObjectCommand(input), { abortSignal: own });
          return "stored";
        } catch (error) {
          if (ifAbsent && s3Failure(error, 0).status === 412) return "exists";
          throw error;
        }
      },
    );
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject | undefined> {
    checkKey(key);
    const check = new ContentCheck();
    return await this.#requests.send(
      { operation: "GetObject", billedAs: "classB", key, signal },
      async (client, own) => {
        const input = { Bucket: this.#bucket, Key: key };
        const answer = await found(client.send(new GetObjectCommand(input), { abortSignal: own }));
        if (answer === undefined) return undefined;
        const content = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        this.#requests.countGot(content.length);
        check.look(content, answer.ContentLength, plainEtag(answer.ETag));
        return { ...headOf(key, { ...answer, ContentLength: content.length }), content };
      },
    );
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    checkKey(key);
    const input = { Bucket: this.#bucket, Key: key };
    const request = { operation: "HeadObject", billedAs: "classB", key, signal } as const;
    try {
      return await this.#requests.send(request, async (client, own) => {
        const answer = await found(client.send(new HeadObjectCommand(input), { abortSignal: own }));
        return answer && headOf(key, answer);
      });
    } catch (error) {
      if (isTelepoolError(error, "PERMISSION_DENIED")) await this.#listOne(signal); // which tells why
      throw error;
    }
  }

  async *list(
    prefix: string,
    options: { readonly startAfter?: string; readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
    const { startAfter, signal } = options;
    let token: string | undefined;
    do {
      const input = {
        Bucket: this.#bucket,
        Prefix: prefix,
        ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page = await this.#requests.send(
        { operation: "ListObjectsV2", billedAs: "classA", key: prefix, signal },
        async (client, own) => {
          const answer = await client.send(new ListObjectsV2Command(input), { abortSignal: own });
          if (answer.IsTruncated && !answer.NextContinuationToken) {
            throw new BrokenAnswer("a list goes on, and the answer does not say where");
          }
          return { next: answer.NextContinuationToken, objects: (answer.Contents ?? []).map(infoOf) };
        },
      );
      if (page.objects.length > 0) yield page.objects;
      token = page.next;
    } while (token !== undefined);
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const key of keys) checkKey(key);
    await deleteSurely(keys, {
      repeat: (attempt) => this.#requests.repeat({ operation: "DeleteObjects", signal }, attempt),
      head: (key) => this.head(key, signal),
      list: (prefix, startAfter) => this.list(prefix, { startAfter, signal }),
      send: (piece) => this.#deletePiece(piece, signal),
    });
  }

  async check(signal?: AbortSignal): Promise<void> {
    try {
      await this.#listOne(signal);
    } catch (error) {
      if (!isTelepoolError(error, "PERMISSION_DENIED") && !isTelepoolError(error, "BUCKET_NOT_FOUND")) throw error;
      throw await findJurisdiction(this.#requests, this.#endpointOf, error, signal);
    }
  }

  close(): void {
    this.#requests.close();
  }

  /** Where it is; the credentials are shown to nobody. */
  toJSON(): { location: string } {
    return { location: this.location };
  }

  get #bucket(): string {
    return this.#requests.config.bucket;
  }

  /** A GET-like request, whose refusal says why. */
  async #listOne(signal: AbortSignal | undefined): Promise<void> {
    const input = { Bucket: this.#bucket, MaxKeys: 1 };
    await this.#requests.send({ operation: "ListObjectsV2", billedAs: "classA", signal }, (client, own) =>
      client.send(new ListObjectsV2Command(input), { abortSignal: own }),
    );
  }

  /** Resolves whatever became of the objects, unless the storage says that it will not. */
  async #deletePiece(keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const input = { Bucket: this.#bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } };
    await this.#requests.send({ operation: "DeleteObjects", billedAs: "deletes", signal }, async (client, own) => {
      const { Errors = [] } = await client.send(new DeleteObjectsCommand(input), { abortSignal: own });
      const denied = Errors.find(({ Code }) => Code === "AccessDenied");
      if (denied === undefined) return;
      throw Object.assign(new Error(`${denied.Key} was not deleted`), {
        Code: "AccessDenied",
        $metadata: { httpStatusCode: 403 },
      });
    });
  }
}

/** The answer, or undefined when there is no such object. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { status, code } = s3Failure(error, 0);
    if (status === 404 && code !== "NoSuchBucket") return undefined;
    throw error;
  }
}

interface Described {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

function headOf(key: string, { ContentLength, ETag, LastModified, Metadata }: Described): ObjectHead {
  return {
    ...infoOf({ Key: key, Size: ContentLength, ETag, LastModified }),
    metadata: { ...Metadata },
  };
}

interface Listed {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

function infoOf({ Key, Size, ETag, LastModified }: Listed): ObjectInfo {
  if (Key === undefined || Size === undefined || LastModified === undefined) {
    throw new BrokenAnswer("the answer lacks the key, the size or the time of an object");
  }
  return { key: Key, bytes: Size, etag: plainEtag(ETag), modifiedMs: LastModified.getTime() };
}

function plainEtag(etag = ""): string {
  return etag.replace(/^(?:W\/)?"|"$/g, "");
}
