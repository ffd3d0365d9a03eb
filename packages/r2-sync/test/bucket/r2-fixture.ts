/** The R2 that the tests of this folder share, and what they do with it. */
import { type ErrorCode, TelepoolError } from "@telepool/core";
import { type R2Server, type StorageProxy, startR2, startStorageProxy } from "@telepool/test-servers";
import { R2Bucket, type R2BucketContext } from "../../src/bucket/r2-bucket.ts";
import type { R2BucketOptions } from "../../src/bucket/r2-options.ts";
import { HastyClock } from "./hasty-clock.ts";

let server: Promise<R2Server> | undefined;

/** Started at first use; ends with the process. */
export function sharedR2(): Promise<R2Server> {
  server ??= startR2();
  return server;
}

/** A bucket on the shared server behind a proxy, and a clock on which pauses pass at once. */
export interface Bench extends AsyncDisposable {
  readonly server: R2Server;
  readonly proxy: StorageProxy;
  readonly clock: HastyClock;
  readonly bucket: R2Bucket;
  /** Keys that begin with it are this test's own. */
  readonly prefix: string;
}

let benches = 0;

export async function openBench(options: Partial<R2BucketOptions> = {}, context: R2BucketContext = {}): Promise<Bench> {
  const shared = await sharedR2();
  const proxy = await startStorageProxy(shared);
  const clock = new HastyClock();
  const { bucket: name, credentials } = shared;
  const bucket = new R2Bucket(
    { bucket: name, credentials, endpoint: proxy.endpoint, ...options },
    { clock, ...context },
  );
  return {
    server: shared,
    proxy,
    clock,
    bucket,
    prefix: `test-${++benches}/`,
    [Symbol.asyncDispose]: async () => {
      bucket.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** What a call threw. */
export async function failure(call: Promise<unknown>, code: ErrorCode): Promise<TelepoolError> {
  const error = await call.then(
    (value) => new Error(`it resolved with ${Bun.inspect(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof TelepoolError && error.code === code) return error;
  throw new Error(`not ${code}: ${Bun.inspect(error)}`, { cause: error });
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
