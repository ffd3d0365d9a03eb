import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { freePort, HOST, isFree } from "./free-port.ts";

test("a free port lies below those of outgoing connections, and is not free while somebody listens", async () => {
  const port = await freePort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_000);

  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(port, HOST, resolve));
  expect(await isFree(port)).toBe(false);
  await new Promise((resolve) => listener.close(resolve));
  expect(await isFree(port)).toBe(true);
});
