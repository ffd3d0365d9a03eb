/** An answer that is not a success, for calls that cannot hand it over as `error`. */
import type { Problem } from "./rows.ts";

/** Carries the answer's status, and what the server said of it. */
export class ProblemError extends Error {
  readonly status: number;
  /** Absent when something else answered in the server's place, such as a proxy. */
  readonly problem: Problem | undefined;
  /** How long the server wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, headers }: Response, said: unknown) {
    const problem = isProblem(said) ? said : undefined;
    super(`the server answered ${status}${problem === undefined ? "" : ` ${problem.code}: ${problem.detail}`}`);
    this.name = "ProblemError";
    this.status = status;
    this.problem = problem;
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  }
}

function isProblem(said: unknown): said is Problem {
  return typeof said === "object" && said !== null && "code" in said && "detail" in said;
}
