import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { juniorProfilePooled, type ProfileSink } from "./junior-profile.ts";

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telepool-junior-"));
  file = join(folder, "test.md");
  await Bun.write(file, "# Test\n");
});

afterAll(() => rm(folder, { recursive: true }));

class RecordingSink implements ProfileSink {
  readonly rows: unknown[][] = [];

  async insertProfile(...row: Parameters<ProfileSink["insertProfile"]>): Promise<string> {
    this.rows.push(row);
    return "row";
  }
}

test("the profile is stored for the member under a new session, whose UUIDv7 is returned", async () => {
  const sink = new RecordingSink();
  const sessionId = await juniorProfilePooled(file, sink, "nolarose");
  expect(sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(sink.rows).toEqual([[sessionId, expect.objectContaining({ bytes: 7, lines: 1 }), "nolarose", file]]);
});

test("every call opens a session of its own", async () => {
  const sink = new RecordingSink();
  expect(await juniorProfilePooled(file, sink, "a")).not.toBe(await juniorProfilePooled(file, sink, "a"));
});

test("nothing is stored when the document cannot be profiled", async () => {
  const sink = new RecordingSink();
  await expect(juniorProfilePooled(join(folder, "gone.md"), sink, "a")).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(sink.rows).toEqual([]);
});

test("what the pool refuses reaches the caller", async () => {
  const full: ProfileSink = { insertProfile: () => Promise.reject(new Error("queue full")) };
  await expect(juniorProfilePooled(file, full, "a")).rejects.toThrow("queue full");
});
