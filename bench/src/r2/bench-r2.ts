/** The R2 that the suite measures on: Cloudflare's own simulator in a process beside this one, its objects in the bench's folder. */
import type { R2Location } from "@telepool/r2-sync";
import { startR2 } from "@telepool/test-servers";
import { withTemporaryFilesInBenchFolder } from "../env.ts";

/** Where something is in a bucket; nothing else is below its prefix. */
export interface Place extends R2Location {
  readonly endpoint: string;
  readonly prefix: string;
}

/** An R2 that runs. Disposing ends it, and removes its objects. */
export interface BenchR2 extends AsyncDisposable {
  /** A place where nothing is yet. */
  newPlace(): Place;
}

/** Starts R2, or says in one line why it cannot. */
export async function openR2(): Promise<BenchR2 | string> {
  try {
    const server = await withTemporaryFilesInBenchFolder(() => startR2());
    const { bucket, endpoint, credentials } = server;
    let places = 0;
    return {
      newPlace: () => ({ bucket, endpoint, credentials, prefix: `place-${++places}` }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    return `R2 did not start: ${String(error).split("\n")[0]}`;
  }
}
