/** Profiles a document straight into a pool: one call, one new session, one durable row. */
import type { TelemetryPool } from "@telepool/core";
import type { LeadSpecProfile } from "./lead-spec-profile.ts";
import { profileDocument } from "./profile-document.ts";

/** Where a profile goes. */
export type ProfileSink = Pick<TelemetryPool, "insertProfile">;

/**
 * Profiles `file`, stores the profile for `member` under a new session, and returns that session's id (a UUIDv7).
 *
 * Nothing is stored if the document cannot be profiled.
 *
 * @throws TelepoolError as `profileDocument` does, or what the pool's `insertProfile` rejects with
 */
export async function juniorProfilePooled(file: string, pool: ProfileSink, member: string): Promise<string> {
  const profile: LeadSpecProfile = await profileDocument(file);
  const sessionId = Bun.randomUUIDv7();
  await pool.insertProfile(sessionId, profile, member, file);
  return sessionId;
}
