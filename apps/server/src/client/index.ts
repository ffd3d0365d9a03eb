/**
 * A client for telepool's server, for Node 20, Bun, Deno and browsers. It loads neither the server nor what that needs.
 */
export type { components, operations, paths } from "./api-types.ts";
export { type ClientOptions, createClient, type TelepoolClient } from "./create-client.ts";
export type { Rows } from "./line-stream.ts";
export { ProblemError } from "./problem-error.ts";
export type {
  Event,
  EventInput,
  Problem,
  Profile,
  ProfileInput,
  Session,
  StoredLines,
  TailFilter,
} from "./rows.ts";
export type { RowsByKind, StoreLinesOptions, StoreLinesResult } from "./store-lines.ts";
export type { TailOptions } from "./tail.ts";
export type { TailMessage } from "./tail-messages.ts";
