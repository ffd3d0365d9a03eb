/** Where rows of one kind go, so that profiles and events are taken in by the same code. */
import {
  type AddResult,
  type EventInput,
  type ImportResult,
  type InsertManyOptions,
  type InsertManyResult,
  importEventLines,
  importProfileLines,
  isTelepoolError,
  type NdjsonOptions,
  type ProfileInput,
  TelepoolError,
  type WriteOptions,
} from "@telepool/core";
import type { AppStore } from "../app-deps.ts";

/** The store's ways for one kind of row. */
export interface RowSink<Input> {
  /** How rows of this kind are called in messages, in the plural. */
  readonly rows: string;
  /** What the store takes, out of what the client sent; the store checks it. */
  toInput(sent: unknown, where: string): Input;
  add(input: Input, options: WriteOptions): Promise<AddResult>;
  insert(inputs: readonly Input[], options: InsertManyOptions): Promise<InsertManyResult>;
  importLines(chunks: AsyncIterable<Uint8Array>, options: NdjsonOptions<Input>): Promise<ImportResult>;
}

export function profileSink(store: AppStore): RowSink<ProfileInput> {
  return {
    rows: "profiles",
    toInput: (sent) => sent as ProfileInput, // the store checks it
    add: (input, options) => store.addProfile(input, options),
    insert: (inputs, options) => store.insertProfiles(inputs, options),
    importLines: (chunks, options) => importProfileLines(store, chunks, options),
  };
}

export function eventSink(store: AppStore): RowSink<EventInput> {
  return {
    rows: "events",
    toInput: eventInput,
    add: (input, options) => store.addEvent(input, options).catch(rethrowRenamed),
    insert: (inputs, options) => store.insertEvents(inputs, options).catch(rethrowRenamed),
    importLines: (chunks, { onRejected, ...options }) =>
      importEventLines(store, chunks, {
        ...options,
        onRejected: (rejected) => {
          onRejected(
            rejected.field === "type" && !rejected.message.includes("event_type") ? renamed(rejected) : rejected,
          );
        },
      }),
  };
}

function rethrowRenamed(error: unknown): never {
  if (!isTelepoolError(error) || error.field === undefined || !TYPE.test(error.field)) throw error;
  const { field, message } = renamed({ field: error.field, message: error.message });
  throw new TelepoolError(error.code, message, { field, cause: error });
}

const TYPE = /(^|\.)type$/;

/** What was said of `type`, said of `event_type`. */
function renamed<T extends { readonly field?: string; readonly message: string }>(told: T): T {
  const { field = "", message } = told;
  const named = field.replace(TYPE, "$1event_type");
  return { ...told, field: named, message: message.startsWith(field) ? named + message.slice(field.length) : message };
}

/** Over HTTP an event's type has the name of its column, `event_type`. */
function eventInput(sent: unknown, where: string): EventInput {
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return sent as EventInput; // the store refuses it
  if (Object.hasOwn(sent, "type")) {
    const field = `${where}type`;
    throw new TelepoolError("INVALID_ARGUMENT", `${field} is not known; did you mean event_type?`, { field });
  }
  const { event_type: type, ...rest } = sent as { readonly event_type?: unknown };
  return { ...rest, type } as EventInput; // the store checks it
}
