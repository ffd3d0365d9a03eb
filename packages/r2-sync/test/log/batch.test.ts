/** What goes into an object of the log, page by page, while the store is written to. */
import { expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { type ChangesRequest, openSyncSource, type SyncSource } from "@telepool/core/sync";
import { sql } from "kysely";
import { type Batch, batches } from "../../src/log/batch.ts";
import { LineBuffers } from "../../src/log/line-buffer.ts";
import { failure } from "../bucket/r2-fixture.ts";

async function notedStore(): Promise<{ readonly store: TelemetryPool; readonly source: SyncSource }> {
  const store = createPool("sqlite", { path: ":memory:" });
  const source = await openSyncSource(store);
  await source.changes.install();
  return { store, source };
}

/** A source that tells of each page that was asked for, after it was read. */
function watched(source: SyncSource, onPage: (request: ChangesRequest) => Promise<void>): SyncSource {
  const page = async (request: ChangesRequest) => {
    const found = await source.changes.page(request);
    await onPage(request);
    return found;
  };
  const changes = new Proxy(source.changes, {
    get: (feed, name) => (name === "page" ? page : Reflect.get(feed, name, feed).bind(feed)),
  });
  return { ...source, changes };
}

function linesOf({ lines }: Batch): string[] {
  return new TextDecoder().decode(lines.text("{}")).split("\n").slice(1, -1);
}

test("a row that changes between two pages is read again, though both pages meet it at their seam", async () => {
  const { store, source } = await notedStore();
  const setData = async (data: string): Promise<void> => {
    await (await store.kysely()).updateTable("analytics").set({ data }).where("id", "=", "e").execute();
  };
  const ids = [...Array.from({ length: 31 }, (_, n) => `before-${n}`), "e"]; // a first page has 32 rows
  await store.insertEvents(ids.map((id) => ({ id, type: "t", data: {}, timestamp: 1 })));
  await setData('{"n":1}'); // noted as 33 and 34
  let pages = 0;
  const writing = watched(source, async () => {
    if (++pages === 1) await setData('{"n":2}'); // 35 and 36
  });
  const maxBytes = 100_000;
  const found = await Array.fromAsync(
    batches(writing, { maxBytes, buffers: new LineBuffers(maxBytes) }, undefined),
    (batch) => ({ changes: batch.changes, lines: linesOf(batch) }),
  );
  expect(found.flatMap(({ changes }) => changes)).toEqual(Array.from({ length: 36 }, (_, n) => n + 1));
  expect(found.flatMap(({ lines }) => lines).slice(-2)).toEqual([
    '{"kind":"event","id":"e","type":"t","timestamp":1,"session":null,"data":{"n":1}}',
    '{"kind":"event","id":"e","type":"t","timestamp":1,"session":null,"data":{"n":2}}',
  ]);
  await store.close();
});

test("a row that is noted several times on a page is one line", async () => {
  const { store, source } = await notedStore();
  await store.insertEvents([{ id: "e", type: "t", data: {}, timestamp: 1 }]);
  await (await store.kysely()).updateTable("analytics").set({ data: "{}", timestamp: 2 }).execute();
  const maxBytes = 10_000;
  const [batch] = await Array.fromAsync(batches(source, { maxBytes, buffers: new LineBuffers(maxBytes) }, undefined));
  expect(batch?.changes).toEqual([1, 2, 3]);
  expect(batch === undefined ? [] : linesOf(batch)).toEqual([
    '{"kind":"event","id":"e","type":"t","timestamp":2,"session":null,"data":{}}',
  ]);
  await store.close();
});

test("small rows are soon read by full pages, also in the batches that follow", async () => {
  const { store, source } = await notedStore();
  await store.insertEvents(
    Array.from({ length: 2000 }, (_, n) => ({ id: `e${n}`, type: "t", data: {}, timestamp: n })),
  );
  const asked: number[] = [];
  const counting = watched(source, async ({ maxRows }) => void asked.push(maxRows));
  const maxBytes = 100_000; // some 500 rows
  await Array.fromAsync(batches(counting, { maxBytes, buffers: new LineBuffers(maxBytes) }, undefined));
  expect(asked.slice(0, 4)).toEqual([32, 64, 128, source.pageRows]);
  expect(asked.filter((maxRows) => maxRows === source.pageRows).length).toBeGreaterThanOrEqual(6);
  await store.close();
});

test("a row whose id is no text is told of, and when it is gone it leaves nothing", async () => {
  const { store, source } = await notedStore();
  const db = await store.kysely();
  const maxBytes = 100_000;
  const collect = () => Array.fromAsync(batches(source, { maxBytes, buffers: new LineBuffers(maxBytes) }, undefined));
  for (const data of ["{}", JSON.stringify({ text: "x".repeat(20_000) })]) {
    await sql`insert into analytics values (x'01', 't', ${data}, 1, null)`.execute(db);
    await failure(collect(), "DATABASE_CORRUPT");
    await sql`delete from analytics`.execute(db);
  }
  const [batch] = await collect();
  expect(batch?.changes).toEqual([1, 2, 3, 4]);
  expect(batch === undefined ? [] : linesOf(batch)).toEqual([]);
  await store.close();
});

test("of large rows no more are read at once than fit, also in the batches that follow", async () => {
  const { store, source } = await notedStore();
  const data = { text: "x".repeat(10_000) };
  await store.insertEvents(Array.from({ length: 100 }, (_, n) => ({ id: `e${n}`, type: "t", data, timestamp: n })));
  const asked: number[] = [];
  const counting = watched(source, async ({ maxRows }) => void asked.push(maxRows));
  const maxBytes = 51_500; // five rows
  const found = await Array.fromAsync(
    batches(counting, { maxBytes, buffers: new LineBuffers(maxBytes) }, undefined),
    ({ changes }) => changes.length,
  );
  expect(found.reduce((sum, count) => sum + count, 0)).toBe(100);
  expect(asked[0]).toBe(32); // nothing is known of the rows yet
  expect(Math.max(...asked.slice(1))).toBeLessThanOrEqual(6);
  await store.close();
});
