import { expect, test } from "bun:test";
import { type StreamEnd, watchedStream } from "./watched-stream.ts";

/** A stream of these pieces, and what became of it. */
function streamOf(pieces: readonly (string | Error)[], idleMs = 30_000, signal = new AbortController().signal) {
  const told = { ends: [] as StreamEnd[], errors: [] as unknown[], made: 0 };
  const stream = watchedStream({
    next: async () => {
      const piece = pieces[told.made++];
      if (piece instanceof Error) throw piece;
      return piece;
    },
    idleMs,
    signal,
    onEnd: (end) => told.ends.push(end),
    onError: (error) => told.errors.push(error),
  });
  return { stream, told };
}

test("the pieces come in order, and the end is told once", async () => {
  const { stream, told } = streamOf(["a", "b", "c"]);
  expect(await new Response(stream).text()).toBe("abc");
  expect(told).toMatchObject({ ends: ["done"], errors: [] });
});

test("no piece is made before it is wanted", async () => {
  const { stream, told } = streamOf(["a", "b", "c"]);
  const reader = stream.getReader();
  expect(told.made).toBe(0);
  await reader.read();
  expect(told.made).toBe(1);
  await reader.cancel();
  expect(told).toMatchObject({ ends: ["gone"], made: 1 });
});

test("a failure cuts the stream off", async () => {
  const failure = new Error("gone");
  const { stream, told } = streamOf(["a", failure]);
  expect(await new Response(stream).text().catch((error) => error)).toBe(failure);
  expect(told).toMatchObject({ ends: ["cut"], errors: [failure] });
});

test("a reader that stands still is cut off", async () => {
  const { stream, told } = streamOf(["a", "b"], 1);
  const reader = stream.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 5)); // due after the stream's own timer
  expect(told.ends).toEqual(["cut"]);
  expect(await reader.read().catch((error) => error.message)).toBe("the reader took nothing for 1 ms");
});

test("the end of the server cuts off a reader that stands still, at once", async () => {
  const abort = new AbortController();
  const { stream, told } = streamOf(["a", "b"], 30_000, abort.signal);
  const reader = stream.getReader();
  await reader.read();
  abort.abort();
  expect(told.ends).toEqual(["cut"]);
});
