/** A server without a copy must not pay for one: Amazon's SDK alone takes more than its database. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const FIXTURE = join(import.meta.dir, "../fixtures/loaded-modules.ts");
/** What only a copy needs. */
const OF_COPIES = /\/@(?:aws-sdk|smithy)\/|\/hyparquet|\/r2-sync\/(?!src\/env\.ts)/;

async function loadedFor(...args: string[]): Promise<string[]> {
  const child = Bun.spawn([process.execPath, FIXTURE, ...args], { stdout: "pipe", stderr: "inherit" });
  const text = await child.stdout.text();
  expect(await child.exited).toBe(0);
  return text.split("\n").filter((path) => OF_COPIES.test(path));
}

test("the package that copies, and what it needs, is loaded for a server with a copy alone", async () => {
  expect(await loadedFor()).toEqual([]);
  expect((await loadedFor("--copied")).length).toBeGreaterThan(10);
});
