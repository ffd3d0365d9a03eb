import { beforeEach, describe, expect, test } from "bun:test";
import { Lifeline } from "./lifeline.ts";

let destroyed = 0;

beforeEach(() => {
  destroyed = 0;
});

/** A lifeline whose socket fails what is under way when it is destroyed. */
function lifeline(queryTimeoutMs: number): { line: Lifeline; never: Promise<never> } {
  const { promise: never, reject } = Promise.withResolvers<never>();
  never.catch(() => undefined);
  const line = new Lifeline({
    queryTimeoutMs,
    destroy: () => {
      destroyed++;
      reject(new Error("socket closed"));
    },
    isLoss: (error) => error instanceof Error && error.message === "reset",
    cleaned: (error) => (error instanceof Error ? Object.assign(error, { isCleaned: true }) : error),
  });
  return { line, never };
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

describe("an answer", () => {
  test("that is there in time is given, and no limit may be set", async () => {
    for (const limit of [1000, Number.POSITIVE_INFINITY]) {
      const { line } = lifeline(limit);
      expect(await line.watch(Promise.resolve(5))).toBe(5);
      expect(line.isLost).toBe(false);
    }
  });

  test("that takes too long destroys the connection", async () => {
    const { line, never } = lifeline(5);
    const error = await failure(line.watch(never));
    expect(error).toMatchObject({ code: "CONNECTION_LOST", message: expect.stringContaining("within 5 ms") });
    expect([line.isLost, destroyed]).toEqual([true, 1]);
  });

  test("that is an error is cleaned, and breaks the connection only if it says so", async () => {
    const { line } = lifeline(1000);
    expect(await failure(line.watch(Promise.reject(new Error("refused"))))).toMatchObject({ isCleaned: true });
    expect(line.isLost).toBe(false);
    expect(await failure(line.watch(Promise.reject(new Error("reset"))))).toMatchObject({
      code: "CONNECTION_LOST",
      cause: { message: "reset" },
    });
    expect(line.isLost).toBe(true);
  });
});

describe("a commit", () => {
  test("that is refused is refused", async () => {
    const { line } = lifeline(1000);
    const error = await failure(line.committing(() => line.watch(Promise.reject(new Error("refused")))));
    expect(error).toMatchObject({ message: "refused" });
  });

  test("whose connection is lost has an unknown outcome", async () => {
    const { line } = lifeline(1000);
    const error = await failure(line.committing(() => line.watch(Promise.reject(new Error("reset")))));
    expect(error).toMatchObject({ code: "COMMIT_OUTCOME_UNKNOWN", cause: { cause: { message: "reset" } } });
  });

  test("that is not answered in time has one, too", async () => {
    const { line, never } = lifeline(5);
    const error = await failure(line.committing(() => line.watch(never)));
    expect(error).toMatchObject({ code: "COMMIT_OUTCOME_UNKNOWN", cause: { code: "CONNECTION_LOST" } });
  });

  test("that is not sent any more has none", async () => {
    const { line } = lifeline(1000);
    line.markLost();
    const error = await failure(line.committing(() => expect.unreachable()));
    expect(error).toMatchObject({ code: "CONNECTION_LOST" });
  });
});

describe("closing", () => {
  test("says goodbye once, and to nobody who is gone", async () => {
    let goodbyes = 0;
    const sayGoodbye = async () => {
      goodbyes++;
    };
    const { line } = lifeline(1000);
    await line.close(sayGoodbye);
    await line.close(sayGoodbye);
    expect([goodbyes, line.isLost]).toEqual([1, true]);
    const { line: lost } = lifeline(1000);
    lost.markLost();
    await lost.close(sayGoodbye);
    expect(goodbyes).toBe(1);
  });
});
