import { expect, test } from "bun:test";
import { sampleProfile } from "../sample-profile.ts";
import type { LeadSpecProfile } from "./lead-spec-profile.ts";
import { type ProfileFailure, ProfileSummary } from "./profile-summary.ts";

function profileWithBroken(count: number): LeadSpecProfile {
  const profile = sampleProfile(() => 0.5);
  return { ...profile, words: 10, links: { ...profile.links, broken: { count, targets: ["gone.md"] } } };
}

test("documents are summed up, and those with the most broken links come first, at most 20", () => {
  const counts: number[] = [];
  const summary = new ProfileSummary({ onDocument: (count) => counts.push(count), onFailure: () => {} });
  for (let broken = 0; broken < 25; broken++) summary.add(`${broken}.md`, profileWithBroken(broken));
  const { documents, words, brokenLinks, mostBroken } = summary.totals;
  expect({ documents, words, brokenLinks }).toEqual({ documents: 25, words: 250, brokenLinks: 300 });
  expect(mostBroken).toHaveLength(20);
  expect(mostBroken[0]).toEqual({ document: "24.md", count: 24, targets: ["gone.md"] });
  expect(counts.at(-1)).toBe(25);
});

test("failures are told and counted", () => {
  const failures: ProfileFailure[] = [];
  const summary = new ProfileSummary({ onDocument: () => {}, onFailure: (failure) => failures.push(failure) });
  summary.fail("a.md", { code: "PERMISSION_DENIED", message: "no" });
  expect(failures).toEqual([{ path: "a.md", code: "PERMISSION_DENIED", message: "no" }]);
  expect(summary.totals).toMatchObject({ documents: 0, failed: 1 });
});
