/**
 * Where records come from: the resource and the scope that all records of a list share, and that every row repeats.
 */
import { createHash } from "node:crypto";
import type { Resource, Scope } from "./common-messages.ts";
import { filled, rowName } from "./telemetry-value.ts";

/** A resource or scope with the URL of its schema, as they came. */
export interface OriginParts {
  readonly resource: Resource | undefined;
  readonly resourceSchemaUrl: string;
  readonly scope: Scope | undefined;
  readonly scopeSchemaUrl: string;
}

interface Shown {
  readonly resource: object | undefined;
  readonly scope: object | undefined;
}

/** What a service is called that does not say: the name that OpenTelemetry has for it. */
const UNKNOWN_SERVICE = "unknown_service";

/** What rows say of where they come from; made when the first row wants it. */
export class Origin {
  readonly #parts: OriginParts;
  #shown: Shown | undefined;
  #json: string | undefined;
  #digest: string | undefined;

  constructor(parts: OriginParts) {
    this.#parts = parts;
  }

  /** What a row has of it, as members of its JSON. */
  get shown(): Shown {
    this.#shown ??= shownOf(this.#parts);
    return this.#shown;
  }

  /** The resource's `service.name`. */
  get service(): string {
    const name = this.#parts.resource?.attributes["service.name"];
    return rowName(typeof name === "string" || typeof name === "number" ? String(name) : "", UNKNOWN_SERVICE);
  }

  /** About how many bytes of every row it is. */
  get bytes(): number {
    return this.#text.length;
  }

  /** The same for equal origins, and for no others. */
  get digest(): string {
    this.#digest ??= digest(this.#text);
    return this.#digest;
  }

  get #text(): string {
    this.#json ??= JSON.stringify(this.shown);
    return this.#json;
  }
}

function shownOf({ resource, resourceSchemaUrl, scope, scopeSchemaUrl }: OriginParts): Shown {
  // What is undefined does not become JSON.
  return {
    resource: filledObject({
      attributes: resource && filled(resource.attributes),
      droppedAttributesCount: resource?.droppedAttributesCount || undefined,
      schemaUrl: resourceSchemaUrl || undefined,
    }),
    scope: filledObject({
      name: scope?.name || undefined,
      version: scope?.version || undefined,
      attributes: scope && filled(scope.attributes),
      droppedAttributesCount: scope?.droppedAttributesCount || undefined,
      schemaUrl: scopeSchemaUrl || undefined,
    }),
  };
}

/** 32 hexadecimal digits that stand for these texts. */
export function digest(...texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex").slice(0, 32);
}

function filledObject<T extends object>(object: T): T | undefined {
  return Object.values(object).some((value) => value !== undefined) ? object : undefined;
}
