/** `telepool query`: a page of sessions, or of profiles when these are narrowed or asked for. */
import type { Page, PageRequest, TelemetryPool } from "@telepool/core";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { addFilterOptions, type FilterFlags, profileFilter } from "../filter-options.ts";
import { withReadOnlyStore } from "../open-store.ts";
import { wholeNumber } from "../option-values.ts";
import { shortened } from "../plain-text.ts";
import { sessionJson } from "../row-json.ts";
import { type Cell, table } from "../table.ts";
import { showTime } from "../time-expression.ts";

interface QueryFlags extends FilterFlags {
  readonly profiles?: true;
  readonly limit: number;
  readonly cursor?: string;
}

/** A page, as JSON and as a table. */
interface Listing {
  readonly json: readonly object[];
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly nextCursor: string | null;
}

/** The least room that a profile's JSON gets in a table. */
const LEAST_PROFILE_WIDTH = 40;
/** What stands before the JSON in a table of profiles, roughly. */
const WIDTH_BEFORE_PROFILE = 120;

const NOTES = `
Sessions come with the latest first, profiles with the newest first; times are UTC. When there is more, the cursor of
the next page is printed to stderr. --json prints an array, which is empty when nothing matches.

Examples:
  $ telepool query
  $ telepool query nolarose --json
  $ telepool query nolarose --from 24h --limit 10
  $ telepool query --session 0199e0c2-7a3b-7cc0-8a51-3f1f0c9d2b6e`;

export function addQueryCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("query")
    .summary("list sessions or profiles")
    .description("List a member's sessions; or profiles, with --profiles or when a filter is given.")
    .argument("[member]", "the member; * for all", "*")
    .option("--profiles", "list profiles");
  addFilterOptions(command)
    .option("--limit <count>", "how many, up to 1000", wholeNumber(1, 1000), 50)
    .option("--cursor <cursor>", "continue where a page ended")
    .addHelpText("after", NOTES)
    .action((member: string, flags: QueryFlags) => query(context, member, flags));
}

async function query(context: CommandContext, member: string, flags: QueryFlags): Promise<void> {
  const { output, signal } = context;
  const { limit, cursor } = flags;
  const page: PageRequest = cursor === undefined ? { limit } : { limit, cursor };
  const filter = profileFilter(flags, member === "*" ? undefined : member);
  const wantsProfiles = flags.profiles === true || Object.keys(profileFilter(flags)).length > 0;
  const listing = await withReadOnlyStore(context, async (store: TelemetryPool) =>
    wantsProfiles
      ? listProfiles(await store.queryProfiles(filter, page, { signal }), output.columns)
      : listSessions(await store.querySessions(member, page, { signal })),
  );
  await output.result(listing.json, () => (listing.rows.length === 0 ? "" : table(listing.headings, listing.rows)));
  if (listing.rows.length === 0) output.note(`no ${wantsProfiles ? "profiles" : "sessions"} found`);
  if (listing.nextCursor !== null) output.note(`there is more: --cursor ${listing.nextCursor}`);
}

function listSessions({ items, nextCursor }: Page<Parameters<typeof sessionJson>[0]>): Listing {
  return {
    json: items.map(sessionJson),
    headings: ["SESSION", "MEMBER", "CREATED", "LAST ACTIVITY", "PROFILES"],
    rows: items.map((session) => [
      session.id,
      session.member,
      showTime(session.createdAt),
      showTime(session.lastActivity),
      session.profileCount,
    ]),
    nextCursor,
  };
}

function listProfiles(
  { items, nextCursor }: Awaited<ReturnType<TelemetryPool["queryProfiles"]>>,
  columns: number,
): Listing {
  const width = Math.max(LEAST_PROFILE_WIDTH, columns - WIDTH_BEFORE_PROFILE);
  return {
    json: items,
    headings: ["ID", "SESSION", "MEMBER", "DOCUMENT", "TIME", "PROFILE"],
    rows: items.map(({ id, session, member, document, timestamp, profile }) => {
      const json = JSON.stringify(profile);
      return [id, session, member, document, showTime(timestamp), columns === Infinity ? json : shortened(json, width)];
    }),
    nextCursor,
  };
}
