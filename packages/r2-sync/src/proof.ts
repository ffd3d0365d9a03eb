/** The proof that a copy can come back, as it is noted in the database. */
import type { ProofStatus } from "@telepool/core";
import type { SyncSource } from "@telepool/core/sync";
import * as v from "valibot";
import type { VerifyReport } from "./verify/verify-report.ts";

const NOTE = "proof";

const schema = v.object({
  source: v.string(),
  ok: v.boolean(),
  at: v.number(),
  sequence: v.number(),
  rows: v.number(),
  durationMs: v.number(),
  message: v.string(),
});

/** The last proof of a copy, if there was one; that of an earlier copy is none. */
export async function lastProof({ notes }: SyncSource, source: string): Promise<ProofStatus | undefined> {
  const parsed = v.safeParse(schema, await notes.get(NOTE));
  if (!parsed.success || parsed.output.source !== source) return undefined;
  const { source: _, ...proof } = parsed.output;
  return proof;
}

/** Notes a proof. */
export async function noteProof({ notes, clock }: SyncSource, reports: readonly VerifyReport[]): Promise<ProofStatus> {
  const failed = reports.find(({ ok }) => !ok);
  const [finding] = failed?.findings ?? [];
  const last = reports.at(-1);
  const proof: ProofStatus = {
    ok: failed === undefined,
    at: clock.wallMs(),
    sequence: last?.sequence ?? 0,
    rows: last?.rows ?? 0,
    durationMs: Math.round(reports.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    message:
      failed === undefined
        ? "restored, and the same row for row"
        : `${failed.findingCount} findings; the first: ${finding?.where}: ${finding?.problem}`,
  };
  await notes.set(NOTE, { ...proof, source: last?.source ?? "" });
  return proof;
}
