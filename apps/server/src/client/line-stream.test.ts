import { expect, test } from "bun:test";
import { LineStream } from "./line-stream.ts";

async function piecesOf(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const pieces = [];
  for await (const piece of stream) pieces.push(new TextDecoder().decode(piece));
  return pieces;
}

test("rows become lines of JSON, those that are there together in one piece", async () => {
  expect(await piecesOf(new LineStream([{ a: 1 }, { b: "ü\n" }]).stream)).toEqual(['{"a":1}\n{"b":"ü\\n"}\n']);
  expect(await piecesOf(new LineStream([]).stream)).toEqual([]);
});

test("many rows go in pieces of a bounded length, each row in one of them", async () => {
  const rows = Array.from({ length: 5000 }, (_, number) => ({ number, text: "x".repeat(100) }));
  const pieces = await piecesOf(new LineStream(rows).stream);
  expect(pieces.length).toBeGreaterThan(5);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(66_000);
  const lines = pieces.flatMap((piece) => piece.trimEnd().split("\n"));
  expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
});

test("a row does not wait for a source that is slow", async () => {
  const later = Promise.withResolvers<void>();
  async function* slowly() {
    yield 1;
    yield 2;
    await later.promise;
    yield 3;
  }
  const reader = new LineStream(slowly()).stream.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("1\n2\n");
  later.resolve();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("3\n");
  expect((await reader.read()).done).toBe(true);
});

test("a stream that is ended lets go of its rows, whatever they are doing, and of its reader", async () => {
  let ended = false;
  const rows: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        ended = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const lines = new LineStream(rows);
  const reading = lines.stream.getReader().read();
  lines.end();
  expect(ended).toBe(true);
  expect((await reading).done).toBe(true);
});

test("no row is asked for before there is a reader, and none after it has gone", async () => {
  let asked = 0;
  let ended = false;
  function* counted() {
    try {
      for (;;) yield { asked: asked++, text: "x".repeat(1000) };
    } finally {
      ended = true;
    }
  }
  const { stream } = new LineStream(counted());
  expect(asked).toBe(0);
  const reader = stream.getReader();
  await reader.read();
  const before = asked;
  await reader.cancel();
  expect(ended).toBe(true);
  expect(asked).toBe(before);
});

test("what the rows throw is kept for whoever reads the stream", async () => {
  const reason = new Error("the source broke");
  const lines = new LineStream(
    (function* () {
      yield 1;
      throw reason;
    })(),
  );
  await expect(piecesOf(lines.stream)).rejects.toBe(reason);
  expect(lines.failure).toBe(reason);
});
