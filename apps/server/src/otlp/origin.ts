/**
 * Where records come from: the resource and the scope that all records of a list share, and that every row repeats.
 */
import type { Decoded } from "./messages.ts";
import { rowName } from "./telemetry-value.ts";

/** A resource, as it came. */
export interface ResourcePart {
  readonly resource: Decoded<"Resource"> | undefined;
  readonly schemaUrl: string | undefined;
}

/** A scope, as it came. */
export interface ScopePart {
  readonly scope: Decoded<"Scope"> | undefined;
  readonly schemaUrl: string | undefined;
}

/** What a service is called that does not say: the name that OpenTelemetry has for it. */
const UNKNOWN_SERVICE = "unknown_service";

/** What rows say of where they come from. */
export class Origin {
  /** What a row has of it, as members of its JSON. */
  readonly shown: { readonly resource: object | undefined; readonly scope: object | undefined };
  readonly #service: unknown;
  #digest: string | undefined;

  constructor({ resource, schemaUrl }: ResourcePart, { scope, schemaUrl: scopeSchemaUrl }: ScopePart) {
    this.shown = {
      resource: filled({ ...resource, schemaUrl }),
      scope: filled({ ...scope, schemaUrl: scopeSchemaUrl }),
    };
    this.#service = resource?.attributes?.["service.name"];
  }

  /** The resource's `service.name`. */
  get service(): string {
    const name = this.#service;
    return rowName(typeof name === "string" || typeof name === "number" ? String(name) : "", UNKNOWN_SERVICE);
  }

  /** About how many bytes of every row it is. This takes time, for a large resource. */
  get bytes(): number {
    return JSON.stringify(this.shown).length;
  }

  /** The same for equal origins, and for no others. */
  get digest(): string {
    this.#digest ??= digest(JSON.stringify(this.shown));
    return this.#digest;
  }
}

/** 32 hexadecimal digits that stand for these texts. */
export function digest(...texts: readonly string[]): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex").slice(0, 32);
}

function filled(object: object): object | undefined {
  return Object.values(object).some((value) => value !== undefined) ? object : undefined;
}
