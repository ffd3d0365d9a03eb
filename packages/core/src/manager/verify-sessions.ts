/**
 * The end of a copy: the sessions are compared, as they know of every profile that was written meanwhile. One that differs
 * is brought up to date first, and compared again, some times, as the source may be written to.
 */
import type { ErrorCode } from "../errors.ts";
import type { RawRow } from "../store/raw-rows.ts";
import { differingColumns } from "../store/row-differences.ts";
import { rowDigest } from "../store/row-digest.ts";
import { writeSplitting } from "../store/write-splitting.ts";
import type { CopyCourse } from "./copy-course.ts";
import type { DifferenceKind } from "./copy-report.ts";
import { SESSIONS, writeRows } from "./copy-table.ts";
import { mergeKeys } from "./merge-keys.ts";
import { pieces } from "./pieces.ts";
import { readAhead } from "./read-ahead.ts";
import { Tally } from "./tally.ts";
import type { RowVerification } from "./verify-rows.ts";

type SessionRow = RawRow<"sessions">;

/** How often a session is brought up to date before it is left as one that moves. */
const ATTEMPTS = 5;

/** The comparison of the sessions, after that of the profiles. */
export class SessionVerification {
  readonly source: Tally = new Tally();
  readonly target: Tally = new Tally();
  readonly #course: CopyCourse;
  readonly #profiles: RowVerification<"profiles">;
  #copied = 0;
  #moving = 0;

  constructor(course: CopyCourse, profiles: RowVerification<"profiles">) {
    this.#course = course;
    this.#profiles = profiles;
  }

  /** Sessions that were written. */
  get copied(): number {
    return this.#copied;
  }

  /** Sessions that changed in the source whenever they were looked at. */
  get moving(): number {
    return this.#moving;
  }

  async run(): Promise<void> {
    const { source, target } = this.#course;
    for await (const ids of readAhead(this.#ids())) {
      const [rows, found] = await Promise.all([source.rows("sessions", ids), target.rows("sessions", ids)]);
      for (const id of ids) {
        if (!this.#isSettled(rows.get(id), found.get(id))) await this.#settle(id, rows.get(id));
      }
      await this.#course.endPage("verify sessions", rows.size);
    }
  }

  async *#ids(): AsyncGenerator<string[], void, undefined> {
    const { source, target } = this.#course;
    const upTo = (await source.lastId("sessions")) ?? "";
    const merged = mergeKeys(
      source.keys("sessions", { upTo, weighed: false }),
      target.keys("sessions", { weighed: false }),
    );
    for await (const keys of merged) {
      for (const piece of pieces(keys, () => 0)) yield piece.map(({ id }) => id);
    }
  }

  /** Brings one session up to date until it is the same on both sides, or no further attempt would help. */
  async #settle(id: string, seen: SessionRow | undefined): Promise<void> {
    let before = seen;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      this.#course.check();
      await this.#addProfiles(id);
      const now = await this.#course.source.row("sessions", id);
      if (now === undefined) return await this.#settleExtra(id);
      const refusedWith = await this.#bringUpToDate(now);
      const found = await this.#course.target.row("sessions", id);
      if (this.#isSettled(now, found)) return;
      if (refusedWith !== undefined) return this.#tell(now, found, { kind: "rejected", code: refusedWith });
      if (before !== undefined && columnsBetween(before, now).length === 0) {
        if (found === undefined) return this.#tell(now, found, { kind: "missing" });
        return this.#tell(now, found, { kind: "different", columns: columnsBetween(now, found) });
      }
      before = now;
    }
    this.#moving++;
  }

  /** Writes the profiles of a session that the target lacks. */
  async #addProfiles(session: string): Promise<void> {
    const { source, target } = this.#course;
    for await (const keys of source.sessionKeys(session)) {
      const lacking = await target.lacking("profiles", keys);
      for (const piece of pieces(lacking, ({ bytes }) => bytes)) {
        await this.#profiles.addLate(piece.map(({ id }) => id));
        this.#course.check();
      }
    }
  }

  /**
   * Gives the session its member and its times; says why if the target refuses. Only where it has as many profiles as in
   * the source: with more, they would not be those of all of its profiles.
   */
  async #bringUpToDate(row: SessionRow): Promise<ErrorCode | undefined> {
    let refusedWith: ErrorCode | undefined;
    const onRefused = (_row: SessionRow, { code }: { readonly code: ErrorCode }): void => {
      refusedWith = code;
    };
    const found = await this.#course.target.row("sessions", row.id);
    if (found === undefined) this.#copied += await writeRows(this.#course, SESSIONS, [row], onRefused);
    else await writeSplitting([row], () => this.#update(row), onRefused);
    return refusedWith;
  }

  async #update({ id, member, created_at, last_activity, profile_count }: SessionRow): Promise<void> {
    await this.#course.target.repository.exact
      .updateTable("sessions")
      .set({ member, created_at, last_activity })
      .where("id", "=", id)
      .where("profile_count", "=", profile_count)
      .execute();
  }

  /** A session that the source does not have; one without profiles was made by a copy, whose source was then pruned. */
  async #settleExtra(id: string): Promise<void> {
    const { target, differences } = this.#course;
    await target.repository.exact
      .deleteFrom("sessions")
      .where("id", "=", id)
      .where("profile_count", "=", 0)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom("profiles").select("id").where("session", "=", id))),
      )
      .execute();
    const found = await target.row("sessions", id);
    if (found === undefined) return;
    this.target.add(rowDigest("sessions", found));
    differences.add({ table: "sessions", id, kind: "extra" });
  }

  /** Whether both sides are the same; then they are counted. */
  #isSettled(row: SessionRow | undefined, found: SessionRow | undefined): boolean {
    if (row === undefined || found === undefined || columnsBetween(row, found).length > 0) return false;
    const digest = rowDigest("sessions", row);
    this.source.add(digest);
    this.target.add(digest);
    return true;
  }

  #tell(row: SessionRow, found: SessionRow | undefined, how: DifferenceKind): void {
    this.source.add(rowDigest("sessions", row));
    if (found !== undefined) this.target.add(rowDigest("sessions", found));
    this.#course.differences.add({ table: "sessions", id: row.id, ...how });
  }
}

/** The columns in which two sessions differ. */
function columnsBetween(one: SessionRow, other: SessionRow): string[] {
  return differingColumns("sessions", one, other);
}
