/**
 * `telepool export`: profiles or events as NDJSON, a page in memory at a time, as fast as the reader takes them; or as Parquet in
 * a folder.
 */
import type { TelemetryEvent, TelemetryPool, TimeRange } from "@telepool/core";
import { type Command, Option } from "commander";
import { writeFileAtomically } from "../atomic-file.ts";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { addFilterOptions, type FilterFlags, profileFilter } from "../filter-options.ts";
import { withReadOnlyStore } from "../open-store.ts";
import { startProgress } from "../progress.ts";
import { eventJson } from "../row-json.ts";

interface ExportFlags extends FilterFlags {
  readonly member?: string;
  readonly events?: true;
  readonly format: "ndjson" | "parquet";
  readonly out?: string;
}

const EVENTS_PER_PAGE = 1000;
/** Lines are written together up to this length, in UTF-16 units. */
const PIECE_LENGTH = 64 * 1024;

const NOTES = `
Newest first. Profiles come in the form that telepool import reads. With --out the file appears under its name only when
it is complete, and the number of lines is printed.

With --format parquet, --out is a folder that is empty or not there yet. It gets a folder for each day (UTC), as in
profiles/day=2026-11-25/part-0001.parquet, or events/... with --events, all of them at once at the end.

Examples:
  $ telepool export > all.ndjson
  $ telepool export --member nolarose --from 2026-11-01 --to 2026-12-01 --out november.ndjson
  $ telepool export --from 24h | jq .profile.parse.medianMs
  $ telepool export --format parquet --out lake`;

export function addExportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("export")
    .summary("write profiles as NDJSON or Parquet")
    .description("Write profiles as NDJSON, one in each line, or as Parquet.")
    .option("--member <name>", "profiles of this member");
  addFilterOptions(command)
    .addOption(new Option("--events", "write events instead of profiles").conflicts(["member", "document"]))
    .addOption(new Option("--format <format>", "what to write").choices(["ndjson", "parquet"]).default("ndjson"))
    .option("--out <path>", "write to this file instead of stdout, or Parquet to this folder")
    .addHelpText("after", NOTES)
    .action((flags: ExportFlags) =>
      flags.format === "parquet" ? exportParquet(context, flags) : exportLines(context, flags),
    );
}

async function exportLines(context: CommandContext, flags: ExportFlags): Promise<void> {
  const { output, signal } = context;
  const { out } = flags;
  const rows = (store: TelemetryPool): AsyncIterable<object> =>
    flags.events ? eventLines(store, flags, signal) : store.profiles(profileFilter(flags, flags.member), { signal });
  await withReadOnlyStore(context, async (store) => {
    if (out === undefined)
      return await writeLines(
        rows(store),
        (piece) => output.write(piece),
        () => {},
      );
    const progress = await startProgress(output, "lines");
    let lines = 0;
    try {
      await writeFileAtomically(out, (file) =>
        writeLines(
          rows(store),
          (piece) => file.appendFile(piece),
          (written) => {
            lines = written;
            progress.update(written);
          },
        ),
      );
    } finally {
      progress.stop();
    }
    await output.result({ file: out, lines }, () => `${lines} lines in ${out}\n`);
  });
}

async function exportParquet(context: CommandContext, flags: ExportFlags): Promise<void> {
  const { output, signal } = context;
  const { out } = flags;
  if (out === undefined)
    throw new CliError("USAGE", "Parquet is written to a folder, and none is given", { hint: "add --out <folder>" });
  const { refuseUsedFolder } = await import("../parquet-export/write-folder.ts");
  const { writeParquet } = await import("../parquet-export/write-parquet.ts");
  const { eventRow, pagesOf, profileRow } = await import("../parquet-export/table-rows.ts");
  await refuseUsedFolder(out);
  await withReadOnlyStore(context, async (store) => {
    const progress = await startProgress(output, "rows");
    const onRows = (taken: number): void => progress.update(taken);
    const profiles = () => pagesOf(store.profiles(profileFilter(flags, flags.member), { signal }), profileRow);
    const write = () =>
      flags.events
        ? writeParquet(out, "analytics", pagesOf(events(store, flags, signal), eventRow), onRows)
        : writeParquet(out, "profiles", profiles(), onRows);
    const { files, rows } = await write().finally(() => progress.stop());
    await output.result({ folder: out, files, rows }, () => `${rows} rows in ${files} files in ${out}\n`);
  });
}

async function writeLines(
  rows: AsyncIterable<object>,
  write: (piece: string) => Promise<void>,
  onWritten: (lines: number) => void,
): Promise<void> {
  let piece = "";
  let lines = 0;
  for await (const row of rows) {
    piece += `${JSON.stringify(row)}\n`;
    lines++;
    if (piece.length < PIECE_LENGTH) continue;
    await write(piece);
    piece = "";
    onWritten(lines);
  }
  await write(piece);
  onWritten(lines);
}

async function* eventLines(
  store: TelemetryPool,
  flags: FilterFlags,
  signal: AbortSignal,
): AsyncGenerator<object, void, undefined> {
  for await (const event of events(store, flags, signal)) yield eventJson(event);
}

async function* events(
  store: TelemetryPool,
  { session, from, to }: FilterFlags,
  signal: AbortSignal,
): AsyncGenerator<TelemetryEvent, void, undefined> {
  const range: TimeRange = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const filter = { ...range, ...(session === undefined ? {} : { session }) };
  let cursor: string | null = null;
  do {
    const { items, nextCursor } = await store.queryEvents(filter, { limit: EVENTS_PER_PAGE, cursor }, { signal });
    yield* items;
    cursor = nextCursor;
  } while (cursor !== null);
}
