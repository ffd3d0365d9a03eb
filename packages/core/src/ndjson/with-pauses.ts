/** Chunks as they come, with a sign where none comes for a while: then what was read so far should not be kept waiting. */

/** Stands for a silence. */
export const PAUSE: unique symbol = Symbol("pause");
export type Pause = typeof PAUSE;

/** The chunks, and one `PAUSE` for each silence of more than `pauseMs`. */
export async function* withPauses<T>(
  chunks: AsyncIterable<T>,
  pauseMs: number,
): AsyncGenerator<T | Pause, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      pending = iterator.next();
      if (!(await settlesWithin(pending, pauseMs))) yield PAUSE;
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
