/** Bodies by chance, the same in every run. */

/** Chooses by chance, by a seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

const NAMES = [
  "a",
  "nolarose",
  " ",
  "\n",
  "ü",
  "x".repeat(255),
  "𝄞".repeat(255), // 510 UTF-16 units
  "",
  "x".repeat(256),
  "𝄞".repeat(256),
  "a\0b",
  "half \ud834",
] as const;

const NUMBERS = [0, 1, 1_795_545_000_000, Number.MAX_SAFE_INTEGER, -1, 1.5, 2 ** 53, 1e300] as const;

const OBJECTS: readonly [object, ...object[]] = [
  {},
  { ms: 1.5, nested: { list: [1, "two", null, true, {}] } },
  { "": "", toString: 1, hasOwnProperty: null },
  Object.fromEntries([["__proto__", 1]]),
  nested(99),
  nested(100),
  { text: "a\0b" },
  { "a\0b": 1 },
  { text: "\ud834 alone" },
  { toJSON: 1 },
];

const STRANGE = [null, true, [], [1], "text", 7] as const;
const UNKNOWN_FIELDS = ["extra", "type", "ID", "toString", "constructor", "__proto__", "event_type", "data"] as const;

function nested(levels: number): object {
  let inner: object = {};
  for (let level = 0; level < levels; level++) inner = { a: inner };
  return inner;
}

/** Something for a field: most often of its own kind, not always good. */
function valueLike(sample: unknown, chance: Chance): unknown {
  if (chance.below(5) === 0) return chance.oneOf<unknown>([...STRANGE, ...OBJECTS, ...NUMBERS]);
  if (typeof sample === "string") return chance.oneOf(NAMES);
  if (typeof sample === "number") return chance.oneOf(NUMBERS);
  return chance.oneOf(OBJECTS);
}

/** A body that began as `sample`: fields are missing, changed, or too many; at times it is no object at all. */
export function bodyLike(sample: Readonly<Record<string, unknown>>, chance: Chance): unknown {
  if (chance.below(100) === 0) return chance.oneOf<unknown>([null, true, "text", 7]);
  const fields = new Map(Object.entries(sample));
  for (let change = chance.below(4); change > 0; change--) {
    const name = chance.oneOf(Object.keys(sample) as [string, ...string[]]); // a sample has fields
    const kind = chance.below(6);
    if (kind === 0) fields.delete(name);
    else if (kind === 1 && chance.below(3) === 0) fields.set(chance.oneOf(UNKNOWN_FIELDS), 1);
    else fields.set(name, valueLike(sample[name], chance));
  }
  return Object.fromEntries(fields);
}
