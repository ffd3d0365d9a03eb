import { expect, test } from "bun:test";
import { PAUSE, withPauses } from "./with-pauses.ts";

/** A source that gives what a test says, when it says it. */
function source() {
  const waiting: ((result: IteratorResult<string>) => void)[] = [];
  let returned = 0;
  return {
    give: (value: string) => waiting.shift()?.({ done: false, value }),
    end: () => waiting.shift()?.({ done: true, value: undefined }),
    returns: () => returned,
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>((resolve) => waiting.push(resolve)),
      return: async () => {
        returned++;
        return { done: true as const, value: undefined };
      },
    }),
  };
}

test("a silence is told once, however long it is, and what comes after it is not lost", async () => {
  const chunks = source();
  const reading = withPauses(chunks, 1);
  const first = reading.next();
  chunks.give("a");
  expect(await first).toEqual({ done: false, value: "a" });
  expect(await reading.next()).toEqual({ done: false, value: PAUSE });
  const second = reading.next();
  await new Promise((resolve) => setTimeout(resolve, 5)); // several silences long
  chunks.give("b");
  expect(await second).toEqual({ done: false, value: "b" });
  const last = reading.next();
  chunks.end();
  expect((await last).done).toBe(true);
});

test("chunks that come in time have no pauses between them", async () => {
  async function* quick(): AsyncGenerator<number> {
    for (let n = 0; n < 100; n++) yield n;
  }
  expect(await Array.fromAsync(withPauses(quick(), 10_000))).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test("a failure of the source comes through", async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error("gone");
  }
  const reading = withPauses(broken(), 10_000);
  await reading.next();
  expect(reading.next()).rejects.toThrow("gone");
});

test("a reader that stops in a silence does not wait for the source", async () => {
  const chunks = source();
  const reading = withPauses(chunks, 1);
  expect((await reading.next()).value).toBe(PAUSE);
  await reading.return();
  expect(chunks.returns()).toBe(1);
});
