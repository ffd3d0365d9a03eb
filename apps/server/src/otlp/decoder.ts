/** What the decoders of both encodings have in common: how they are called, and how much they may make of a body. */
import type { Message } from "./message.ts";
import { TooMuchError } from "./telemetry-value.ts";

/** Reads messages out of a body, in one of the encodings. */
export interface Decoder {
  /** What a body as a whole holds, for `read`. */
  open(body: Uint8Array): unknown;
  /**
   * @param encoded what `open` returned, or one of the records in a message
   * @throws MalformedError
   */
  read<T extends object>(encoded: unknown, message: Message<T>, budget: DecodeBudget): T;
}

/** What may still be decoded: a few bytes can stand for a large object, so that the size of a body is no limit. */
export class DecodeBudget {
  readonly #maxValues: number;
  readonly #maxRecords: number;
  #values = 0;
  #records = 0;

  constructor(limits: { readonly maxValues: number; readonly maxRecords: number }) {
    this.#maxValues = limits.maxValues;
    this.#maxRecords = limits.maxRecords;
  }

  /** @throws TooMuchError */
  takeValue(): void {
    if (++this.#values > this.#maxValues) throw new TooMuchError(`there are more than ${this.#maxValues} values in it`);
  }

  /** @throws TooMuchError */
  takeRecord(): void {
    if (++this.#records > this.#maxRecords) {
      throw new TooMuchError(`there are more than ${this.#maxRecords} records in it; send fewer at once`);
    }
  }
}
