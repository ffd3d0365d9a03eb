/** Binds the fault suite to a test runner: what a store must survive when its server or its network fails. */
import type { TestRunner } from "../conformance/describe.ts";
import { FaultContext } from "./fault-context.ts";
import type { FaultTarget } from "./fault-target.ts";
import { networkFaults } from "./network-faults.ts";
import { serverFaults } from "./server-faults.ts";

const FEW_CONNECTIONS = 10;
/** Cases whose server takes few connections. */
const ON_A_SMALL_SERVER = /^fewer connections/;

/** Declares one test for each fault, each with a server of its own. */
export function describeFaults(target: FaultTarget, { describe, test }: TestRunner): void {
  describe(`${target.name}: faults`, () => {
    for (const [name, run] of Object.entries({ ...serverFaults, ...networkFaults })) {
      test(name, async () => {
        const server = await target.startServer(
          ON_A_SMALL_SERVER.test(name) ? { maxConnections: FEW_CONNECTIONS } : {},
        );
        const context = new FaultContext(target, server);
        try {
          await run(context);
        } finally {
          await context[Symbol.asyncDispose]();
        }
      });
    }
  });
}
