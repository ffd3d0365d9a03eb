/** Rows whose values are those that a format is most likely to lose something of. */
import type { ParquetRow } from "@telepool/r2-sync/parquet";

const TEXTS = [
  "",
  " ",
  "plain",
  "\uFEFFbegins with a byte-order mark",
  "🎉👩‍👩‍👧‍👦",
  "é and e\u0301",
  "zero\0inside",
  "\uFFFD and \uFFFF",
  "\u{10FFFF}",
  "مرحبا",
  "line\r\nbreaks\u2028",
  `telepool.sha256\x18@${"0".repeat(64)}PAR1`,
  "x".repeat(3000),
  "null",
];

const JSON_TEXTS = [
  "{}",
  ' {\n\t"a" : 1.0 , "a": 1e400 } ',
  '{"big":123456789012345678901234567890.000}',
  '{"text":"🎉 \\u0041 \\ud83d"}',
  '{"deep":[[[[[[{"x":null}]]]]]]}',
  `{"long":"${"ü".repeat(70_000)}"}`,
];

const TIMES = [
  0,
  1,
  1_795_435_200_000,
  253_402_300_799_999,
  253_402_300_800_000,
  8_640_000_000_000_001,
  Number.MAX_SAFE_INTEGER - 1,
  Number.MAX_SAFE_INTEGER,
];

/** Rows by a generator of numbers from 0 to 1. */
export class AwkwardRows {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  profiles(count: number): ParquetRow<"profiles">[] {
    return this.#rows(count, (id) => ({
      id,
      session: this.#text(),
      profile: this.#json(),
      timestamp: this.#time(),
      member: this.#text(),
      document: this.#text(),
    }));
  }

  analytics(count: number): ParquetRow<"analytics">[] {
    const nullsIn = this.#random(); // from no null at all to nothing else
    return this.#rows(count, (id) => ({
      id,
      event_type: this.#text(),
      data: this.#json(),
      timestamp: this.#time(),
      session: this.#random() < nullsIn ? null : this.#text(),
    }));
  }

  sessions(count: number): ParquetRow<"sessions">[] {
    return this.#rows(count, (id) => ({
      id,
      member: this.#text(),
      created_at: this.#time(),
      last_activity: this.#time(),
      profile_count: this.#time(),
    }));
  }

  #rows<Row>(count: number, row: (id: string) => Row): Row[] {
    return Array.from({ length: count }, (_, i) => row(`${this.#text().slice(0, 20)}${i}`));
  }

  #text(): string {
    return this.#oneOf(TEXTS);
  }

  #json(): string {
    return this.#random() < 0.01 ? this.#oneOf(JSON_TEXTS) : this.#oneOf(JSON_TEXTS.slice(0, -1));
  }

  #time(): number {
    return this.#random() < 0.5 ? this.#oneOf(TIMES) : Math.floor(this.#random() * Number.MAX_SAFE_INTEGER);
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.#random() * values.length)];
    if (value === undefined) throw new Error("there is nothing to choose from");
    return value;
  }
}
