/** The names under which users know what the server takes and answers. */
import type { components, operations } from "./api-types.ts";

type Schemas = components["schemas"];

/** A profile to be stored. */
export type ProfileInput = Schemas["ProfileInput"];
/** An event to be stored. */
export type EventInput = Schemas["EventInput"];
/** A stored profile. */
export type Profile = Schemas["Profile"];
/** A stored event. */
export type Event = Schemas["Event"];
/** A session. */
export type Session = Schemas["Session"];
/** The body of every answer that is not a success: `code` to branch on, `field` where the input is at fault. */
export type Problem = Schemas["Problem"];
/** What became of lines: counts, and each one that was refused. */
export type StoredLines = Schemas["StoredLines"];
/** Which rows a live tail shows; all if empty. */
export type TailFilter = NonNullable<operations["followTail"]["parameters"]["query"]>;
