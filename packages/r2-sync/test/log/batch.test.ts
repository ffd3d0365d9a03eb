/** What goes into an object of the log, page by page, while the store is written to. */
import { expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { type ChangesRequest, openSyncSource, type SyncSource } from "@telepool/core/sync";
import { type Batch, batches } from "../../src/log/batch.ts";
import { LineBuffers } from "../../src/log/line-buffer.ts";

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
  await store.insertEvents([{ id: "e", type: "t", data: {}, timestamp: 1 }]);
  await setData(JSON.stringify({ text: "x".repeat(1000) })); // noted thrice by now, of which one fits into a page
  let pages = 0;
  const writing = watched(source, async () => {
    if (++pages === 1) await setData('{"last":true}'); // small, so that all other notes fit into the next page
  });
  const maxBytes = 2300;
  const found = await Array.fromAsync(
    batches(writing, { maxBytes, buffers: new LineBuffers(maxBytes) }, undefined),
    (batch) => ({ changes: batch.changes, lines: linesOf(batch) }),
  );
  expect(found.flatMap(({ changes }) => changes)).toEqual([1, 2, 3, 4, 5]);
  expect(found.flatMap(({ lines }) => lines).at(-1)).toContain('{"last":true}');
  await store.close();
});

test("an update's two notes are one line", async () => {
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
  expect(asked[0]).toBe(source.pageRows); // nothing is known of the rows yet
  expect(Math.max(...asked.slice(1))).toBeLessThanOrEqual(16);
  await store.close();
});
