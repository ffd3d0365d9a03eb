/** R2 of a test's own. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { eventually } from "../src/eventually.ts";
import { type R2Server, startR2, startStorageProxy } from "../src/index.ts";
import { isGone } from "../src/processes.ts";
import { Child } from "./child.ts";

function clientOf({ endpoint, bucket, credentials }: Pick<R2Server, "endpoint" | "bucket" | "credentials">) {
  return new Bun.S3Client({ endpoint, bucket, ...credentials, region: "auto" });
}

test("objects survive stop, restart and SIGKILL, at the same port", async () => {
  await using server = await startR2();
  const client = clientOf(server);
  expect(await client.list()).toMatchObject({ keyCount: 0 });
  await client.write("a/first", "1");

  await server.stop();
  await server.stop();
  expect(() => server.pid).toThrow("does not run");
  await expect(client.file("a/first").text()).rejects.toThrow();
  await server.restart();
  expect(await client.file("a/first").text()).toBe("1");

  await client.write("a/second", "2");
  await server.kill();
  await server.restart();
  expect(await client.file("a/second").text()).toBe("2");
  await server.restart();
  expect(await client.file("a/second").text()).toBe("2");
});

test("only its credentials come in, to its bucket, also through a proxy", async () => {
  const credentials = { accessKeyId: "me", secretAccessKey: "my secret" };
  await using server = await startR2({ bucket: "mine", credentials });
  await using proxy = await startStorageProxy(server);
  expect([server.bucket, server.credentials]).toEqual(["mine", credentials]);
  await clientOf({ ...server, endpoint: proxy.endpoint, bucket: "mine", credentials }).write("key", "through");
  expect(await clientOf(server).file("key").text()).toBe("through");

  const refused = (change: object) => clientOf({ ...server, bucket: "mine", credentials, ...change }).list();
  await expect(refused({ bucket: "other" })).rejects.toThrow("bucket does not exist");
  await expect(refused({ credentials: { ...credentials, accessKeyId: "you" } })).rejects.toThrow("Unauthorized");
  await expect(refused({ credentials: { ...credentials, secretAccessKey: "x" } })).rejects.toThrow("signature");
});

test("disposing ends it and removes its objects", async () => {
  const server = await startR2();
  const { pid, persistFolder } = server;
  expect(existsSync(persistFolder)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect([isGone(pid), existsSync(persistFolder)]).toEqual([true, false]);
});

test("it ends with the process that started it, also when that is killed, and leaves nothing behind", async () => {
  await using child = new Child("start-r2.ts", []);
  const { pid } = JSON.parse(await child.line());
  expect(isGone(pid)).toBe(false);
  child.kill();
  await child.exited;
  const gone = () => isGone(pid) && child.leftovers().length === 0;
  await eventually(gone, { withinMs: 60_000, what: "the end of the server" });
});
