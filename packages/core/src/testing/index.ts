/** For tests: the suite that certifies a driver, drivers that must fail it, a driver in memory, and a clock to move by hand. */
export {
  type ConformanceCase,
  type ConformanceContext,
  type ConformanceDatabase,
  type ConformanceTarget,
  runConformanceCase,
} from "./conformance/case.ts";
export { conformanceCases } from "./conformance/cases.ts";
export { describeConformance, expectException, type TestRunner } from "./conformance/describe.ts";
export type { OpenConnection } from "./conformance/open-resources.ts";
export { describeSabotages } from "./describe-sabotages.ts";
export { drainMicrotasks, FakeClock, type FakeClockOptions, seededRandom } from "./fake-clock.ts";
export type { FakeConnection } from "./fake-connection.ts";
export {
  type FakeCall,
  type FakeDriver,
  FakeDriverError,
  type FakeDriverOptions,
  type FakeGate,
  type FakeOperation,
  fakeDriver,
} from "./fake-driver.ts";
export { describeFaults } from "./faults/describe-faults.ts";
export type { FaultDriverOptions, FaultProxy, FaultServer, FaultTarget } from "./faults/fault-target.ts";
export { type Sabotage, sabotages } from "./sabotages.ts";
export { overrideConnection, wrapConnections } from "./wrap-driver.ts";
