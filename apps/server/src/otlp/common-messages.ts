/** The messages that traces, logs and metrics share; the numbers are those of opentelemetry-proto 1.11. */
import type { JsonObject } from "@telepool/core";
import { attributes, type Message, message, text, uint32 } from "./message.ts";

/** What produced the records: a service, its process, its machine. */
export interface Resource {
  readonly attributes: JsonObject;
  readonly droppedAttributesCount: number;
}

export const RESOURCE: Message<Resource> = message({ attributes: attributes(1), droppedAttributesCount: uint32(2) });

/** The library within it. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: JsonObject;
  readonly droppedAttributesCount: number;
}

export const SCOPE: Message<Scope> = message({
  name: text(1),
  version: text(2),
  attributes: attributes(3),
  droppedAttributesCount: uint32(4),
});
