/**
 * What a promise is rejected with. Bun's own `expect(…).rejects` turns the event loop inside of the call, where what waits
 * for `setImmediate` may wait for ever.
 */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was to be rejected, and was not");
}
