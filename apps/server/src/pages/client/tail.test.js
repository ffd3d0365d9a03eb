import { expect, test } from "bun:test";
import { eventMessages } from "./tail.js";

/** @param {readonly string[]} chunks */
async function messagesOf(...chunks) {
  const body = new Blob(chunks).stream();
  return await Array.fromAsync(eventMessages(body));
}

test("messages are read with their type, data and id, and comments are left out", async () => {
  const text = 'retry: 2000\nid: e-0\nevent: ready\ndata: {}\n\n:\n\nid: e-1\nevent: profile\ndata: {"a":": b"}\n\n';
  expect(await messagesOf(text)).toEqual([
    { type: "ready", data: "{}", id: "e-0" },
    { type: "profile", data: '{"a":": b"}', id: "e-1" },
  ]);
});

test("a message may come in any pieces, also in the middle of a character", async () => {
  const bytes = new TextEncoder().encode('event: missed\ndata: {"rows":"ü€😀"}\n\n');
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await Array.fromAsync(eventMessages(body))).toEqual([{ type: "missed", data: '{"rows":"ü€😀"}' }]);
});

test("a message that is cut off by the end is left out", async () => {
  expect(await messagesOf('event: profile\ndata: {"a"')).toEqual([]);
});
