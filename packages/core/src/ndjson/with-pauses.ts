/**
 * Chunks as they come, with a sign where none comes for a while, and one every second where they trickle: then what was read so
 * far should not be kept waiting.
 */

/** Stands for a silence. */
export const PAUSE: unique symbol = Symbol("pause");
export type Pause = typeof PAUSE;

/** How long there is no pause at the most, while chunks come. */
const STEADY_MS = 1000;

/** The chunks, and one `PAUSE` for each silence of more than `pauseMs`, or after a second. */
export async function* withPauses<T>(
  chunks: AsyncIterable<T>,
  pauseMs: number,
): AsyncGenerator<T | Pause, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<T>> | undefined;
  let pausedMs = performance.now();
  try {
    for (;;) {
      pending = iterator.next();
      const isPrompt = await settlesWithin(pending, pauseMs);
      if (!isPrompt || performance.now() - pausedMs >= STEADY_MS) {
        yield PAUSE;
        pausedMs = performance.now();
      }
      const { done, value } = await pending;
      pending = undefined;
      if (done) return;
      yield value;
    }
  } finally {
    const closing = Promise.resolve(iterator.return?.());
    // A source that is silent may never answer; nobody reads on, so nobody waits for it.
    if (pending === undefined) await closing;
    else closing.catch(() => undefined);
  }
}

function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, false);
    const settled = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settled, settled);
  });
}
