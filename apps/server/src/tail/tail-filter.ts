/** Which rows a reader of the live tail wants. */
import { name, type Optional, oneOf, optional } from "../http/query-schemas.ts";
import type { FeedRow } from "./tail-feed.ts";

/** The parameters of `/api/tail`. */
export const tailEntries: {
  readonly kind: Optional<"profiles" | "events">;
  readonly member: Optional<string>;
  readonly session: Optional<string>;
  readonly document: Optional<string>;
  readonly event_type: Optional<string>;
} = {
  kind: optional(oneOf(["profiles", "events"])),
  member: optional(name),
  session: optional(name),
  document: optional(name),
  event_type: optional(name),
};

/** What narrows the tail. */
export interface TailFilter {
  readonly kind?: "profiles" | "events";
  readonly member?: string;
  readonly session?: string;
  readonly document?: string;
  readonly event_type?: string;
}

/** Whether a row is wanted: one that lacks a field that was asked for is not. */
export function isWanted(item: FeedRow, { kind, member, session, document, event_type }: TailFilter): boolean {
  if (session !== undefined && item.row.session !== session) return false;
  if (item.kind === "event") {
    if (kind === "profiles" || member !== undefined || document !== undefined) return false;
    return event_type === undefined || item.row.type === event_type;
  }
  if (kind === "events" || event_type !== undefined) return false;
  if (member !== undefined && item.row.member !== member) return false;
  return document === undefined || item.row.document === document;
}

/** A row as JSON, in the form that lists have. */
export function feedRowJson(item: FeedRow): string {
  if (item.kind === "profile") {
    const { json, ...rest } = item.row;
    return `${JSON.stringify(rest).slice(0, -1)},"profile":${json}}`;
  }
  const { json, type, ...rest } = item.row;
  return `${JSON.stringify({ ...rest, event_type: type }).slice(0, -1)},"data":${json}}`;
}
