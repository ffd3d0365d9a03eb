/** Checks of an SQLite file. Its pragmas are read as tables, in a thread of their own, so that a long one blocks nobody. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { TelemetryPool } from "@telepool/core";
import { showSize } from "../size-expression.ts";
import type { Finding } from "./finding.ts";

interface PragmaTables {
  pragma_journal_mode: { journal_mode: string };
  pragma_quick_check: { quick_check: string };
}

const LITTLE_SPACE_BYTES = 1024 ** 3;
const SHOWN_FLAWS = 3;
const NO_SPACE_BYTES = 64 * 1024 ** 2;

/** Whether readers and the writer work beside each other. */
export async function checkJournal(store: TelemetryPool, signal: AbortSignal): Promise<Finding> {
  const db = await store.kysely<PragmaTables>();
  const { journal_mode: mode } = await db
    .selectFrom("pragma_journal_mode")
    .selectAll()
    .executeTakeFirstOrThrow({ signal });
  if (mode === "wal") return { check: "journal", status: "ok", detail: "write-ahead log" };
  return {
    check: "journal",
    status: "warn",
    detail: `${mode} instead of wal: readers and writers wait for each other`,
    advice: "put the database on a local disk: network file systems have no write-ahead log",
  };
}

/** Whether the file is sound; every page of it is read. */
export async function checkIntegrity(store: TelemetryPool, signal: AbortSignal): Promise<Finding> {
  const db = await store.kysely<PragmaTables>();
  const rows = await db.selectFrom("pragma_quick_check").selectAll().execute({ signal });
  const flaws = rows
    .flatMap((row) => row.quick_check.split("\n"))
    .filter((text) => text !== "ok" && !text.startsWith("***"));
  if (flaws.length === 0) return { check: "integrity", status: "ok", detail: "quick_check found nothing" };
  return {
    check: "integrity",
    status: "fail",
    detail:
      flaws.length > SHOWN_FLAWS
        ? `${flaws.slice(0, SHOWN_FLAWS).join("; ")} and ${flaws.length - SHOWN_FLAWS} more`
        : flaws.join("; "),
    advice:
      "stop all writers, keep a copy of the file and its -wal, then restore a backup or try: sqlite3 FILE .recover",
  };
}

/** Whether there is room for the database to grow. */
export async function checkSpace(file: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dirname(file));
  return judgeSpace(bavail * bsize);
}

/** What a number of free bytes means. */
export function judgeSpace(freeBytes: number): Finding {
  const detail = `${showSize(freeBytes)} free`;
  if (freeBytes >= LITTLE_SPACE_BYTES) return { check: "disk", status: "ok", detail };
  const advice = "free some space, or remove the oldest rows: telepool prune --older-than 30d";
  return { check: "disk", status: freeBytes < NO_SPACE_BYTES ? "fail" : "warn", detail, advice };
}
