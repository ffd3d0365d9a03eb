/** The PostgreSQL that comes from npm, for machines that have no other. */
import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Throwaway } from "../throwaway-server.ts";
import { embeddedPostgresFolder } from "./postgres-binaries.ts";
import { postgresKind } from "./postgres-kind.ts";

const programs = embeddedPostgresFolder() ?? "";

test("the server that comes from npm starts, and starts again after a kill", async () => {
  await using server = await Throwaway.start(postgresKind(programs), {});
  expect(server.version).toStartWith("18.4");
  await server.kill();
  await server.start();
  await (await server.createDatabase()).drop();
});

test("programs that lie where the server's user may not go are copied to where he may", async () => {
  const hidden = mkdtempSync(join(tmpdir(), "telepool-hidden-")); // for its owner only
  try {
    cpSync(dirname(programs), join(hidden, "native"), { recursive: true, verbatimSymlinks: true });
    await using server = await Throwaway.start(postgresKind(join(hidden, "native/bin")), {});
    expect(server.version).toStartWith("18.4");
  } finally {
    rmSync(hidden, { recursive: true });
  }
});
