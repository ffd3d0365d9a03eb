/** Fires when one of two signals does, of which the caller's may be absent. */
export function either(own: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given === undefined ? own : AbortSignal.any([own, given]);
}
