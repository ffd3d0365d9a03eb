/**
 * Groups of tests that need a database server. Where there is none they are shown as skipped, with the reason; in CI
 * that is a failure, so that nobody believes that they have run.
 */
import { type DatabaseKind, isCi } from "./env.ts";
import { type Need, unavailable } from "./servers.ts";

/** What is used of `bun:test`, which only a test file may import. */
export interface BunTest {
  readonly describe: ((name: string, body: () => void) => void) & { skip(name: string, body: () => void): void };
  test(name: string, body: () => void): void;
}

/** `describe(name, body)` when the server can be had. */
export function describeOn(
  kind: DatabaseKind,
  bunTest: BunTest,
  name: string,
  body: () => void,
  need: Need = "any server",
): void {
  describeUnless({ reason: unavailable(kind, need), isCi: isCi() }, bunTest, name, body);
}

/** The decision itself. */
export function describeUnless(
  { reason, isCi }: { readonly reason: string | undefined; readonly isCi: boolean },
  { describe, test }: BunTest,
  name: string,
  body: () => void,
): void {
  if (reason === undefined) describe(name, body);
  else if (!isCi) describe.skip(`${name} (skipped: ${reason})`, body);
  else {
    describe(name, () => {
      test("has its server", () => {
        throw new Error(reason);
      });
    });
  }
}
