/** The options that narrow which profiles are meant. */
import type { ProfileFilter } from "@telepool/core";
import type { Command } from "commander";
import { time } from "./option-values.ts";

/** A span of time, as options. */
export interface TimeFlags {
  readonly from?: number;
  readonly to?: number;
}

/** What may narrow a list of profiles, as options. */
export interface FilterFlags extends TimeFlags {
  readonly session?: string;
  readonly document?: string;
}

/** Adds `--session`, `--document`, `--from` and `--to`. */
export function addFilterOptions(command: Command): Command {
  return command
    .option("--session <id>", "profiles of this session")
    .option("--document <name>", "profiles of this document")
    .option("--from <time>", "from this time on: 2026-11-23, 2026-11-23T18:30Z, milliseconds, 24h or 7d ago", time)
    .option("--to <time>", "before this time", time);
}

/** The filter that options and a member amount to; absent ones set no condition. */
export function profileFilter(flags: FilterFlags, member?: string): ProfileFilter {
  const { session, document, from, to } = flags;
  return {
    ...(member === undefined ? {} : { member }),
    ...(session === undefined ? {} : { session }),
    ...(document === undefined ? {} : { document }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
