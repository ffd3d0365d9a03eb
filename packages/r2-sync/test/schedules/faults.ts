/** What can happen to a request, by chance. */
import type { Fault, Faults } from "@telepool/test-servers";
import type { Seeded } from "./seeded.ts";

/** Faults of a share of all requests. Answers to PUT are swallowed most often: that is what exactly-once is about. */
export function randomFaults(seeded: Seeded, probability: number): Faults {
  return ({ method }): Fault | undefined => {
    if (!seeded.chance(probability)) return undefined;
    if (method === "PUT" && seeded.chance(0.5)) return { kind: "swallowReply" };
    return seeded.pick<Fault>([
      { kind: "delay", ms: 1 + seeded.below(10) },
      { kind: "cutBeforeForward" },
      { kind: "swallowReply" },
      { kind: "answer", status: 429, code: "SlowDown" },
      { kind: "answer", status: 500, code: "InternalError" },
      { kind: "answer", status: 503, code: "ServiceUnavailable" },
      { kind: "truncate" },
    ]);
  };
}
