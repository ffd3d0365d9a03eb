/** A store's copy in Cloudflare R2: kept up to date, verified, and brought back. */
export type { R2BucketOptions, R2Credentials } from "./bucket/r2-options.ts";
export type { Copy } from "./copy/list-copies.ts";
export { type ArchiveVerifyOptions, R2Archive, type RestoreOptions } from "./r2-archive.ts";
export { R2Sync } from "./r2-sync.ts";
export type { RestorePoint } from "./restore/restore-plan.ts";
export type { OnRows, RestoreProgress, RestoreResult } from "./restore/restore-store.ts";
export type { R2Location, R2SyncOptions } from "./sync-options.ts";
export type { Finding, VerifyLevel, VerifyReport } from "./verify/verify-report.ts";
