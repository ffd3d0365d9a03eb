/** Reading one page ahead. */

/**
 * The same pages, of which the next is asked for while one is being worked on. A failure to read is thrown in its turn. When
 * nobody reads on, the page that is under way is waited for and the pages are ended, so nothing is read behind anybody's back.
 */
export async function* readAhead<T>(pages: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  let next = pages.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = pages.next();
      next.catch(() => undefined); // it is told when it is its turn
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await pages.return();
  }
}
