/** The groups of operations, in the order in which a reader meets them. */

const TAGS = {
  Profiles: "What was measured: one JSON object for each run over a document, by a member, in a session.",
  Sessions: "A session is made by its first profile and goes with its last.",
  Events: "What happened, with or without a session.",
  Export: "Everything that meets a filter, and everything that is stored from now on.",
  Store: "The store as a whole: its counters, and the paths of the first version.",
  OpenTelemetry: "OTLP over HTTP: spans become profiles, log records and data points become events.",
  Server: "The server itself: how it is, its metrics, and this document.",
} as const;

export type Tag = keyof typeof TAGS;

/** The tags as the document has them. */
export const tags: { name: string; description: string }[] = Object.entries(TAGS).map(([name, description]) => ({
  name,
  description,
}));
