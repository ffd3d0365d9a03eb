/** Proves with a driver that the conformance suite looks: every sabotage of it must fail the cases that it names. */
import type { Driver } from "../driver/driver.ts";
import { type ConformanceCase, type ConformanceTarget, runConformanceCase } from "./conformance/case.ts";
import { conformanceCases } from "./conformance/cases.ts";
import type { TestRunner } from "./conformance/describe.ts";
import { sabotages } from "./sabotages.ts";
import { overrideConnection, wrapConnections } from "./wrap-driver.ts";

/**
 * Declares one test for each promise that a sabotage breaks, and the same for a wrapper that breaks none, so that no
 * sabotage is noticed for the wrong reason.
 */
export function describeSabotages(target: ConformanceTarget, { describe, test }: TestRunner): void {
  const cases = new Map(conformanceCases().map((member) => [member.name, member]));
  const caseNamed = (name: string): ConformanceCase => {
    const found = cases.get(name);
    if (found === undefined) throw new Error(`there is no case "${name}"`);
    return found;
  };
  describe(`${target.name}: a driver that breaks a promise fails the suite`, () => {
    for (const { name, breaks, sabotage } of sabotages) {
      for (const broken of breaks) {
        test(`it ${name}: "${broken}"`, () => expectFailure(caseNamed(broken), wrapped(target, name, sabotage)));
      }
    }
    for (const broken of new Set(sabotages.flatMap(({ breaks }) => breaks))) {
      test(`one that is only wrapped does not: "${broken}"`, () => {
        return runConformanceCase(caseNamed(broken), wrapped(target, "is only wrapped", onlyWrapped));
      });
    }
  });
}

/** The same databases, with their driver wrapped. */
function wrapped(target: ConformanceTarget, name: string, wrap: (driver: Driver) => Driver): ConformanceTarget {
  const createDriver = async () => {
    const database = await target.createDriver();
    return { ...database, driver: wrap(database.driver) };
  };
  return { name, createDriver };
}

function onlyWrapped(driver: Driver): Driver {
  return wrapConnections(driver, (connection) => overrideConnection(connection, {}));
}

async function expectFailure(member: ConformanceCase, sabotaged: ConformanceTarget): Promise<void> {
  try {
    await runConformanceCase(member, sabotaged);
  } catch {
    return;
  }
  throw new Error(`"${member.name}" holds for a driver that ${sabotaged.name}`);
}
