import { expect, test } from "bun:test";
import { fakeDriver } from "../fake-driver.ts";
import type { ConformanceTarget } from "./case.ts";
import { conformanceCases } from "./cases.ts";
import { describeConformance } from "./describe.ts";

/** A test runner that only collects. */
function collect(target: ConformanceTarget): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  describeConformance(target, {
    describe: (_name, body) => body(),
    test: (name, body) => tests.set(name, body),
  });
  return tests;
}

function target(exceptions: Record<string, string> = {}): ConformanceTarget {
  return { name: "fake", createDriver: async () => ({ driver: fakeDriver(), dispose: async () => {} }), exceptions };
}

const HOLDS = "a connection answers a ping";
const HOLDS_NOT = "a caller's own table is made, filled, changed, read and emptied";
const EXCEPTIONS = "every exception names a case and gives a reason";

async function outcomeOf(tests: Map<string, () => Promise<void>>, name: string): Promise<string> {
  const run = tests.get(name) ?? expect.unreachable(`there is no test "${name}"`);
  return await run().then(
    () => "passed",
    (error: Error) => error.message,
  );
}

test("there is a test for each case, and every case has a name of its own", () => {
  const names = conformanceCases().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(collect(target()).keys())).toEqual(new Set([...names, EXCEPTIONS]));
});

test("a promise that holds passes, one that does not fails", async () => {
  const tests = collect(target());
  expect(await outcomeOf(tests, HOLDS)).toBe("passed");
  expect(await outcomeOf(tests, HOLDS_NOT)).not.toBe("passed");
});

test("an exception carries its reason and passes as long as the case does not hold", async () => {
  const tests = collect(target({ [HOLDS_NOT]: "it runs no SQL" }));
  expect(await outcomeOf(tests, `${HOLDS_NOT} (not here: it runs no SQL)`)).toBe("passed");
});

test("an exception for a case that holds is an error", async () => {
  const tests = collect(target({ [HOLDS]: "no reason" }));
  expect(await outcomeOf(tests, `${HOLDS} (not here: no reason)`)).toContain("remove the exception");
});

test("an exception that names no case, or gives no reason, is an error", async () => {
  expect(await outcomeOf(collect(target({ "no such case": "why" })), EXCEPTIONS)).toContain("names no case");
  expect(await outcomeOf(collect(target({ [HOLDS]: " " })), EXCEPTIONS)).toContain("gives no reason");
  expect(await outcomeOf(collect(target({ [HOLDS_NOT]: "it runs no SQL" })), EXCEPTIONS)).toBe("passed");
});
