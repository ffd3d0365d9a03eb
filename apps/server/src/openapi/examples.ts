/** One story for all examples: the lexer of a member's document is profiled. */

export const profileExample = {
  id: "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f",
  session: "nightly-2026-11-24",
  member: "nolarose",
  document: "lexer.md",
  profile: { parseMs: 12.5, tokens: 4180 },
  timestamp: 1_795_545_000_000,
} as const;

export const eventExample = {
  id: "01a01f2e-7d3d-7b19-8e02-6c5d4b3a2f1e",
  event_type: "benchmark_finished",
  data: { runs: 20 },
  session: "nightly-2026-11-24",
  timestamp: 1_795_545_060_000,
} as const;

export const sessionExample = {
  id: "nightly-2026-11-24",
  member: "nolarose",
  created_at: 1_795_545_000_000,
  last_activity: 1_795_545_000_000,
  profile_count: 1,
} as const;

/** A row as its sender has it, who leaves its id and its time to the server. */
function sent({ id: _, timestamp: __, ...row }: { readonly id: string; readonly timestamp: number }): object {
  return row;
}

/** A named example of OpenAPI. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** The three forms in which rows are sent, by their media types. */
export function rowExamples(
  row: typeof profileExample | typeof eventExample,
): Readonly<Record<string, Readonly<Record<string, Example>>>> {
  return {
    "application/json": {
      one: { summary: "One row, with an id and a time from the server", value: sent(row) },
      list: { summary: "A list, of which all are stored or none", value: [row, sent(row)] },
    },
    "application/x-ndjson": {
      lines: {
        summary: "Lines, of which the bad ones are told by number",
        value: `${JSON.stringify(row)}\n${JSON.stringify(sent(row))}\n`,
      },
    },
  };
}

/** The beginning of a live tail. */
export const tailExample: string = `id: 9f3c-0
event: ready
data: {}

id: 9f3c-1
event: profile
data: ${JSON.stringify(profileExample)}

`;

export const metricsExample: string = `# TYPE http_server_active_requests gauge
http_server_active_requests 1
`;
