/** What a source gives, with the next item under way while one is used. Ends the source when it is not wanted to its end. */
export async function* ahead<T>(source: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  let next = source.next();
  try {
    for (;;) {
      const current = await next;
      if (current.done === true) return;
      next = source.next();
      next.catch(() => undefined); // its error is met when it is waited for
      yield current.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return();
  }
}
