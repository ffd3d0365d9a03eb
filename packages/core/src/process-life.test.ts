/** A program ends when it has nothing left to do, and not before: seen from outside, in processes of their own. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "telepool-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Far beyond what any of these programs takes; a program that does not end by itself is ended then. */
const LIMIT_MS = 60_000;

/** Runs a program whose work nobody awaits at the top level, so that only handles keep it alive. */
function run(body: string): { output: string; ended: boolean } {
  const script = join(folder, `${Bun.hash(body)}.ts`);
  const from = (file: string) => JSON.stringify(join(import.meta.dir, file));
  writeFileSync(
    script,
    `import { TelemetryPool } from ${from("telemetry-pool.ts")};
     import { fakeDriver } from ${from("testing/fake-driver.ts")};
     const driver = fakeDriver();
     const store = new TelemetryPool({ driver });
     const insert = () => store.insertProfile("s", {}, "m", "d");
     async function main() { ${body} }
     void main().catch((error) => console.log(error.code));`,
  );
  const { stdout, exitedDueToTimeout } = Bun.spawnSync([process.execPath, script], { timeout: LIMIT_MS });
  return { output: stdout.toString().trim(), ended: exitedDueToTimeout !== true };
}

test("a program does not end while a row waits for its next attempt", () => {
  const program = `
    await store.open();
    driver.failNext("writeProfiles", { code: "DATABASE_BUSY", retryable: true }, 6);
    await insert();
    console.log(driver.profiles.size);`;
  expect(run(program)).toEqual({ output: "1", ended: true });
});

test("a program does not end while a connection waits for its next attempt", () => {
  const program = `
    driver.failNext("connect", { code: "CONNECT_FAILED" }, 2);
    await insert();
    console.log(driver.profiles.size);`;
  expect(run(program)).toEqual({ output: "1", ended: true });
});

test("a program does not end before it is told that nobody could connect", () => {
  const program = `
    driver.failNext("connect", { code: "CONNECT_FAILED" }, 1000);
    const hasty = new TelemetryPool({ driver, pool: { acquireTimeoutMs: 100 } });
    await hasty.getProfile("x");`;
  expect(run(program)).toEqual({ output: "ACQUIRE_TIMEOUT", ended: true });
});

test("a program with an idle store ends by itself", () => {
  expect(run("await insert(); console.log('idle');")).toEqual({ output: "idle", ended: true });
});

test("a program ends after close, though a statement hangs", () => {
  const program = `
    await store.open();
    driver.hangNext("writeProfiles");
    void insert().catch((error) => console.log(error.code));
    await store.close({ timeoutMs: 50 }).catch((error) => console.log(error.code));
    console.log("closed");`;
  expect(run(program)).toEqual({ output: "COMMIT_OUTCOME_UNKNOWN\nCLOSE_TIMEOUT\nclosed", ended: true });
});
