/** The proof that a copy can come back, out of what was verified for it. */
import type { ProofStatus } from "@telepool/core";
import type { VerifyReport } from "./verify/verify-report.ts";

/** What some verifications come to; the last of them is the most thorough. */
export function proofOf(reports: readonly VerifyReport[], nowMs: number): ProofStatus {
  const failed = reports.find(({ ok }) => !ok);
  const [finding] = failed?.findings ?? [];
  const last = reports.at(-1);
  return {
    ok: failed === undefined,
    at: nowMs,
    sequence: last?.sequence ?? 0,
    rows: last?.rows ?? 0,
    durationMs: Math.round(reports.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    message:
      failed === undefined
        ? "restored, and the same row for row"
        : `${failed.findingCount} findings; the first: ${finding?.where}: ${finding?.problem}`,
  };
}
