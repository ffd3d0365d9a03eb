/** A disk that is full for real, and a database that has reached its size limit. */
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { sql } from "kysely";
import { Child } from "./child.ts";
import { expectSound, storedIds } from "./database-checks.ts";
import { failureOf } from "./failure.ts";
import { TempFolder } from "./temp-folder.ts";

/** Runs a command with a small file system on the folder that comes next; nobody else sees it, and it goes by itself. */
const ON_SMALL_DISK = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'];

/** Only root may mount; elsewhere the size limit below stands for the full disk. */
const canMount = Bun.spawnSync(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).success;

test.skipIf(!canMount)(
  "on a full disk a write is STORAGE_FULL and leaves nothing; when there is room again, writing goes on",
  async () => {
    using folder = new TempFolder();
    await using child = new Child("fill-disk.ts", [folder.path], [...ON_SMALL_DISK, folder.path]);
    expect(JSON.parse(await child.line())).toEqual({
      storedSome: true,
      codes: ["STORAGE_FULL"],
      heldWhenFull: true,
      held: true,
      heldAfterClose: true,
    });
    expect(await child.exited).toBe(0);
  },
  30_000,
);

test("a database at its size limit refuses whole batches with STORAGE_FULL, and goes on when the limit is raised", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using store = createPool("sqlite", { path });
  const db = await store.kysely();
  await sql`pragma max_page_count = 60`.execute(db);
  const rows = (count: number) =>
    Array.from({ length: count }, () => ({
      session: "session",
      profile: { text: "x".repeat(1000) },
      member: "member",
      document: "document",
    }));

  const stored = (await store.insertProfiles(rows(20))).ids;
  expect(await failureOf(store.insertProfiles(rows(500)))).toMatchObject({ code: "STORAGE_FULL" });
  expect(await failureOf(store.insertProfiles(rows(1500)))).toMatchObject({ code: "STORAGE_FULL" });
  expect(storedIds(path).sort()).toEqual(stored.sort());
  expectSound(path);

  await sql`pragma max_page_count = 60000`.execute(db);
  await store.insertProfiles(rows(500));
  expect((await store.getSession("session"))?.profileCount).toBe(520);
  expectSound(path);
});
