/** What a call that must be refused throws, for tests that look at its code and field. */
import { expect } from "bun:test";
import { TelepoolError } from "../src/errors.ts";

/** The `TelepoolError` that `work` throws; anything else, or nothing, fails the test. */
export function refusal(work: () => unknown): TelepoolError {
  try {
    work();
  } catch (error) {
    if (error instanceof TelepoolError) return error;
    throw error;
  }
  return expect.unreachable("it was accepted");
}
