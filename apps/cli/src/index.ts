/** The command line as a function, and the profiler that its command `profile` uses. */
export { findDocuments } from "./profile/find-documents.ts";
export { juniorProfilePooled } from "./profile/junior-profile.ts";
export type { HeadingCounts, LeadSpecProfile } from "./profile/lead-spec-profile.ts";
export { type ProfileOptions, profileDocument } from "./profile/profile-document.ts";
export { main } from "./run.ts";
