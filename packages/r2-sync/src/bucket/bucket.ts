/** The port to a bucket: what the copy needs of object storage, and nothing else. `R2Bucket` fills it. */

/** An object as a listing shows it. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** The MD5 of the content, in hexadecimal, for an object that was put in one piece. */
  readonly etag: string;
  /** When it was put, by the storage's clock: milliseconds since 1970, in whole seconds except in a listing. */
  readonly modifiedMs: number;
}

/** An object without its content. */
export interface ObjectHead extends ObjectInfo {
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object with its content. */
export interface StoredObject extends ObjectHead {
  readonly content: Uint8Array;
}

/** How an object is put. */
export interface PutOptions {
  /** Only if no object has the key. */
  readonly ifAbsent?: boolean;
  /** Names in lower case; at most 8192 bytes in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What was asked of the storage so far, as it is billed. */
export interface BucketCounts {
  /** PUT and LIST, also those that were refused or sent again. */
  readonly classA: number;
  /** GET and HEAD. */
  readonly classB: number;
  /** Requests, of which each deletes up to 1000 objects. */
  readonly deletes: number;
  /** Content that was sent, also when it was sent again. */
  readonly bytesPut: number;
  /** Content that came, also when it was damaged. */
  readonly bytesGot: number;
  /** How often something was tried again. */
  readonly retries: number;
}

/**
 * A bucket. Every call is tried again, with growing pauses, where that may help; then it throws a `TelepoolError`:
 * `STORAGE_UNREACHABLE`, `BUCKET_NOT_FOUND`, `CREDENTIALS_REFUSED`, `PERMISSION_DENIED`, `CLOCK_SKEWED`, `ABORTED`;
 * `INVALID_ARGUMENT` for a key or metadata that no bucket takes.
 */
export interface Bucket {
  /** Where it is, fit to be shown: endpoint and name, no secret. */
  readonly location: string;
  readonly counts: BucketCounts;
  /** `exists` when `ifAbsent` was asked and the key has an object, which may be this call's own whose answer was lost. */
  put(key: string, content: Uint8Array, options?: PutOptions): Promise<"stored" | "exists">;
  /**
   * The object, or `undefined`. What came is as long as was announced, or the call fails. Content whose MD5 is not the
   * ETag is asked for again; when it comes twice, the storage has it so: it is returned, for the caller's own checksum.
   */
  get(key: string, signal?: AbortSignal): Promise<StoredObject | undefined>;
  /** `undefined` also for a bucket that does not exist: the answer to HEAD cannot tell. */
  head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /** The objects whose keys begin with `prefix`, in the byte order of the keys, by pages. */
  list(
    prefix: string,
    options?: { readonly startAfter?: string; readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<readonly ObjectInfo[], void, undefined>;
  /** Deletes objects, and looks whether they are gone; what stayed is deleted again. Passes over what is not there. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Looks whether the bucket is there and may be read; says by its error which setting is wrong. */
  check(signal?: AbortSignal): Promise<void>;
  /** Closes the connections; calls that are under way, and later ones, fail with `ABORTED`. */
  close(): void;
}
