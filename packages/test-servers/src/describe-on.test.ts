import { expect, test } from "bun:test";
import { type BunTest, describeUnless } from "./describe-on.ts";

/** Notes what is declared, one line each, and runs the bodies of groups. */
class Declarations {
  readonly lines: string[] = [];
  readonly tests: (() => void)[] = [];
  readonly bunTest: BunTest;

  constructor() {
    const note = (what: string) => (name: string, body: () => void) => {
      this.lines.push(`${what} ${name}`);
      if (what === "describe") body();
      if (what === "test") this.tests.push(body);
    };
    this.bunTest = { describe: Object.assign(note("describe"), { skip: note("skip") }), test: note("test") };
  }
}

/** What is declared for a group whose body declares one test. */
function declared(why: { readonly reason: string | undefined; readonly isCi: boolean }): Declarations {
  const declarations = new Declarations();
  const { bunTest } = declarations;
  describeUnless(why, bunTest, "on mysql", () => bunTest.test("body", () => {}));
  return declarations;
}

test.each([true, false])("with a server the group is declared, whether in CI (%p) or not", (isCi) => {
  expect(declared({ reason: undefined, isCi }).lines).toEqual(["describe on mysql", "test body"]);
});

test("without a server the group is skipped, and its name tells the reason", () => {
  expect(declared({ reason: "no mysqld", isCi: false }).lines).toEqual(["skip on mysql (skipped: no mysqld)"]);
});

test("without a server in CI there is one test in the group, which fails with the reason", () => {
  const { lines, tests } = declared({ reason: "no mysqld", isCi: true });
  expect(lines).toEqual(["describe on mysql", "test has its server"]);
  expect(tests[0]).toThrow("no mysqld");
});
