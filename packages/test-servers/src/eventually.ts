/** Waiting for what another process does: asked again and again, with a bound. */

const PAUSE_MS = 5;

/** What is waited for, and for how long. */
export interface Wait {
  readonly withinMs: number;
  /** Begins the sentence "… did not happen within n ms". */
  readonly what: string;
}

/**
 * Asks until the answer is neither `undefined` nor `false`, and returns it. An error that `ask` throws ends the waiting.
 *
 * @throws Error when there is no such answer in time
 */
export async function eventually<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs, what }: Wait,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await Bun.sleep(PAUSE_MS);
  }
}
