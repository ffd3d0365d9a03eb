import { expect, test } from "bun:test";
import { sampleProfile } from "./sample-profile.ts";

test("made-up profiles are plausible at both ends and in the middle", () => {
  for (const number of [0, 0.5, 0.999999]) {
    const { words, bytes, lines, links, parse } = sampleProfile(() => number);
    expect(bytes).toBeGreaterThan(words);
    expect(lines).toBeGreaterThan(0);
    expect(links.broken.targets).toHaveLength(links.broken.count);
    expect(links.inner).toBeGreaterThanOrEqual(links.broken.count);
    expect(parse.minMs).toBeLessThanOrEqual(parse.medianMs);
    expect(parse.maxMs).toBeGreaterThanOrEqual(parse.medianMs);
  }
});

test("the same numbers make the same profile", () => {
  const half = () => 0.5;
  expect(sampleProfile(half)).toEqual(sampleProfile(half));
});
