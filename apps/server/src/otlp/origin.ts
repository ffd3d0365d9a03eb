/**
 * Where records come from: the resource and the scope that all records of a list share, and that every row repeats.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "@telepool/core";
import type { Resource, Scope } from "./common-messages.ts";
import { filled, rowName } from "./telemetry-value.ts";

/** A resource or scope with the URL of its schema, as they came. */
export interface OriginParts {
  readonly resource: Resource | undefined;
  readonly resourceSchemaUrl: string;
  readonly scope: Scope | undefined;
  readonly scopeSchemaUrl: string;
}

/** What rows say of where they come from. */
export interface Origin {
  /** What a row has of it, as members of its JSON. */
  readonly shown: { readonly resource: object | undefined; readonly scope: object | undefined };
  /** The resource's `service.name`. */
  readonly service: string;
  /** About how many bytes of every row it is. */
  readonly bytes: number;
  /** The same for equal origins, and for no others. */
  readonly digest: string;
}

/** What a service is called that does not say: the name that OpenTelemetry has for it. */
const UNKNOWN_SERVICE = "unknown_service";

export function originOf({ resource, resourceSchemaUrl, scope, scopeSchemaUrl }: OriginParts): Origin {
  const shown = {
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
  const json = JSON.stringify(shown);
  return { shown, service: serviceName(resource?.attributes), bytes: json.length, digest: digest(json) };
}

/** 32 hexadecimal digits that stand for these texts. */
export function digest(...texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex").slice(0, 32);
}

function serviceName(attributes: JsonObject | undefined): string {
  const name = attributes?.["service.name"];
  return rowName(typeof name === "string" || typeof name === "number" ? String(name) : "", UNKNOWN_SERVICE);
}

function filledObject<T extends object>(object: T): T | undefined {
  return Object.values(object).some((value) => value !== undefined) ? object : undefined;
}
