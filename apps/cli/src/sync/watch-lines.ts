/** What has changed between two looks at a sync, as lines: nothing of cycles that go as they should. */
import type { SyncStatus } from "@telepool/core";

/** Something that is worth a line. */
export interface WatchLine {
  readonly event: "copy" | "copied" | "failing" | "recovered" | "held" | "free" | "checkpoint" | "proof";
  readonly text: string;
  readonly isProblem: boolean;
}

/** The lines between two looks. Attempts that fail one after the other in the same way are told once. */
export function linesBetween(before: SyncStatus, now: SyncStatus): WatchLine[] {
  const lines: WatchLine[] = [];
  const say = (event: WatchLine["event"], text: string, isProblem = false): void => {
    lines.push({ event, text, isProblem });
  };
  const { source, sequence, checkpoint, proof, lastError } = now;
  if (source !== null && source !== before.source) say("copy", `the copy is ${source}, in ${now.location}`);
  if (now.state === "held" && before.state !== "held") say("held", "another process copies this database; waiting");
  if (now.state !== "held" && before.state === "held") say("free", "the other process has stopped; copying");
  const isSameCopy = source === before.source;
  if (checkpoint !== null && isSameCopy && checkpoint.key !== before.checkpoint?.key) {
    say("checkpoint", `a checkpoint was written: ${checkpoint.rows} rows`);
  }
  if (proof !== null && isSameCopy && proof.at !== before.proof?.at) {
    const text = `the copy was restored to prove it: ${proof.message}`;
    say("proof", text, !proof.ok);
  }
  if (lastError !== null && lastError.code !== before.lastError?.code) {
    say("failing", `${lastError.message} (${lastError.code}); trying again`, true);
  }
  if (lastError === null && before.lastError !== null) {
    say("recovered", `copying again; everything up to object ${sequence} is there`);
  } else if (now.lastSyncAt !== null && before.lastSyncAt === null) {
    say("copied", `everything is copied, up to object ${sequence}`);
  }
  return lines;
}
