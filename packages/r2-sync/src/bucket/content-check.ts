/**
 * Whether what came of an object is what the storage has. An ETag is the content's MD5 for an object that was put in one
 * piece, unless the storage encrypts; so another MD5 is taken for damage on the way, and the object is asked for again.
 * When the very same content comes a second time it is what the storage has: it is handed out, for the caller's own
 * checksum to judge.
 */
import { createHash } from "node:crypto";
import { BrokenAnswer } from "./s3-failure.ts";

/** Looks at the attempts to get one object. */
export class ContentCheck {
  #differing: string | undefined;

  /** @throws BrokenAnswer when the object is to be asked for again */
  look(content: Uint8Array, announcedBytes: number | undefined, etag: string): void {
    if (announcedBytes !== undefined && content.length !== announcedBytes) {
      throw new BrokenAnswer(`${announcedBytes} bytes were announced, and ${content.length} came`);
    }
    if (!/^[0-9a-f]{32}$/.test(etag)) return;
    const md5 = createHash("md5").update(content).digest("hex");
    if (md5 === etag || md5 === this.#differing) return;
    this.#differing = md5;
    throw new BrokenAnswer(`content with the MD5 ${etag} was announced, and ${md5} came`);
  }
}
