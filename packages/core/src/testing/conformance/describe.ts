/** Binds the conformance suite to a test runner: bun:test, node:test, vitest, or anything with `describe` and `test`. */
import { type ConformanceCase, type ConformanceTarget, runConformanceCase } from "./case.ts";
import { conformanceCases } from "./cases.ts";

/** The two functions that every test runner has. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** Declares one test for each case, and one for each exception that is named. */
export function describeConformance(target: ConformanceTarget, { describe, test }: TestRunner): void {
  const cases = conformanceCases();
  const exceptions = new Map(Object.entries(target.exceptions ?? {}));
  describe(`${target.name}: conformance`, () => {
    for (const [group, members] of byGroup(cases)) {
      describe(group, () => {
        for (const member of members) {
          const reason = exceptions.get(member.name);
          if (reason === undefined) test(member.name, () => runConformanceCase(member, target));
          else test(`${member.name} (not here: ${reason})`, () => expectException(member, target, reason));
        }
      });
    }
    test("every exception names a case and gives a reason", async () => {
      for (const [name, reason] of exceptions) checkException(cases, name, reason);
    });
  });
}

/** Fails when an exception is none: when the case holds. */
export async function expectException(
  conformanceCase: ConformanceCase,
  target: ConformanceTarget,
  reason: string,
): Promise<void> {
  try {
    await runConformanceCase(conformanceCase, target);
  } catch {
    return;
  }
  throw new Error(
    `"${conformanceCase.name}" is excepted for ${target.name} (${reason}), but it holds: remove the exception`,
  );
}

function checkException(cases: readonly ConformanceCase[], name: string, reason: string): void {
  if (!cases.some((known) => known.name === name)) throw new Error(`the exception "${name}" names no case`);
  if (reason.trim() === "") throw new Error(`the exception "${name}" gives no reason`);
}

function byGroup(cases: readonly ConformanceCase[]): Map<string, ConformanceCase[]> {
  const groups = new Map<string, ConformanceCase[]>();
  for (const member of cases) {
    const group = groups.get(member.group);
    if (group === undefined) groups.set(member.group, [member]);
    else group.push(member);
  }
  return groups;
}
