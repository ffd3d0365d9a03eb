/**
 * Where the objects of a copy are: below `<prefix>v1/<source>/`, the log by number, checkpoints by the object of the log that
 * they begin behind. Nothing that a user stores is part of a key.
 */
import { TelepoolError } from "@telepool/core";

/** The digits of a number in a key, so that the order of keys is that of numbers. */
const DIGITS = 20;

/** The keys of one copy. */
export class CopyKeys {
  /** What every key of the copy begins with. */
  readonly root: string;

  /** @param prefix empty, or with a slash at its end */
  constructor(prefix: string, source: string) {
    this.root = `${prefix}v1/${source}/`;
  }

  /** Says what the copy is of. */
  get source(): string {
    return `${this.root}source.json`;
  }

  get logs(): string {
    return `${this.root}log/`;
  }

  get manifests(): string {
    return `${this.root}checkpoints/`;
  }

  get parts(): string {
    return `${this.root}data/`;
  }

  log(sequence: number): string {
    return `${this.logs}${padded(sequence)}.ndjson.zst`;
  }

  manifest(base: number, id: string): string {
    return `${this.manifests}${padded(base)}-${id}.json`;
  }

  /** @param path `profiles/day=2026-11-25/part-0001.parquet` */
  part(base: number, id: string, path: string): string {
    return `${this.parts}${padded(base)}-${id}/${path}`;
  }

  /** The number of an object of the log; `undefined` for a key that is none. */
  sequenceOf(key: string): number | undefined {
    const digits = key.startsWith(this.logs)
      ? /^(\d{20})\.ndjson\.zst$/.exec(key.slice(this.logs.length))?.[1]
      : undefined;
    return digits === undefined ? undefined : Number(digits);
  }

  /** The number that a manifest begins behind, and its id. */
  manifestOf(key: string): { readonly base: number; readonly id: string } | undefined {
    const name = key.startsWith(this.manifests) ? key.slice(this.manifests.length) : "";
    const [, base, id] = /^(\d{20})-([0-9a-f]+)\.json$/.exec(name) ?? [];
    return base === undefined || id === undefined ? undefined : { base: Number(base), id };
  }

  /** The checkpoint that a part belongs to, as it stands in both keys. */
  checkpointOf(key: string): string | undefined {
    return key.startsWith(this.parts) ? /^(\d{20}-[0-9a-f]+)\//.exec(key.slice(this.parts.length))?.[1] : undefined;
  }
}

/** What all copies below a prefix begin with. */
export function copiesRoot(prefix: string): string {
  return `${prefix}v1/`;
}

/** The copy that a key belongs to. */
export function sourceOfKey(prefix: string, key: string): string | undefined {
  const root = copiesRoot(prefix);
  return key.startsWith(root) ? /^([0-9a-f-]{36})\//.exec(key.slice(root.length))?.[1] : undefined;
}

/** The small object of the original brief: when, how many rows, how the pool does. */
export function summaryKey(prefix: string): string {
  return `${prefix}telemetry-pool.json`;
}

/**
 * Checks a prefix, and ends it with a slash.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parsePrefix(prefix: string, field: string): string {
  const trimmed = prefix.replace(/\/+$/, "");
  if (trimmed === "") return "";
  const isPlain = /^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/.test(trimmed) && !trimmed.split("/").some(isDots);
  if (isPlain && trimmed.length <= 512) return `${trimmed}/`;
  throw new TelepoolError(
    "INVALID_OPTION",
    `${field} must be at most 512 letters, digits and any of !_.*'()- in parts that are separated by slashes, such as telemetry/production`,
    { field },
  );
}

function isDots(part: string): boolean {
  return part === "." || part === "..";
}

/** A number as it stands in keys. */
export function padded(sequence: number): string {
  return String(sequence).padStart(DIGITS, "0");
}
