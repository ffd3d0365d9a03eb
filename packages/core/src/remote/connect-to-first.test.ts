import { expect, test } from "bun:test";
import type { ErrorClass } from "../driver/driver.ts";
import { TelepoolError } from "../errors.ts";
import { type Attempt, connectToFirst } from "./connect-to-first.ts";
import type { ServerHost } from "./server-host.ts";

const HOSTS: ServerHost[] = [1, 2, 3].map((port) => ({ host: "h", port }));
const never = new AbortController().signal;

/** An attempt by port: the name of what is opened, or the code of the failure; `undefined` never answers. */
function attempt(answers: Readonly<Record<number, string | Error | undefined>>, timeoutMs = 1000): Attempt<string> {
  return {
    timeoutMs,
    classify: (error): ErrorClass => ({
      code: (error as { code: ErrorClass["code"] }).code,
      message: "said",
      retryable: false,
    }),
    open: async ({ port }, signal) => {
      const answer = answers[port];
      if (answer instanceof Error) throw answer;
      if (answer !== undefined) return answer;
      return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("cut"))));
    },
  };
}

const failure = (code: string) => Object.assign(new Error(code), { code });

async function refusal(connecting: Promise<unknown>): Promise<TelepoolError> {
  const error = await connecting.catch((thrown: unknown) => thrown);
  return error instanceof TelepoolError ? error : expect.unreachable(String(error));
}

test("the first that takes us is taken, and no further one is tried", async () => {
  const answers = { 1: failure("CONNECT_FAILED"), 2: "second", 3: "third" };
  expect(await connectToFirst(HOSTS, attempt(answers), never)).toBe("second");
});

test("a host that does not answer is left after the limit", async () => {
  expect(await connectToFirst(HOSTS, attempt({ 2: "second" }, 5), never)).toBe("second");
  const error = await refusal(connectToFirst(HOSTS.slice(0, 1), attempt({}, 5), never));
  expect(error).toMatchObject({ code: "CONNECT_FAILED", message: "h:1: the server did not answer within 5 ms" });
});

test("the failure of a single host keeps its code; a connection that never was is not lost", async () => {
  const [first] = HOSTS;
  const only = first === undefined ? [] : [first];
  const denied = await refusal(connectToFirst(only, attempt({ 1: failure("PERMISSION_DENIED") }), never));
  expect(denied).toMatchObject({ code: "PERMISSION_DENIED", message: "h:1: said" });
  expect(denied.cause).toMatchObject({ code: "PERMISSION_DENIED" });
  const lost = await refusal(connectToFirst(only, attempt({ 1: failure("CONNECTION_LOST") }), never));
  expect(lost.code).toBe("CONNECT_FAILED");
});

test("the failures of several hosts are told together, with their code if they share one", async () => {
  const same = { 1: failure("PERMISSION_DENIED"), 2: failure("PERMISSION_DENIED"), 3: failure("PERMISSION_DENIED") };
  expect((await refusal(connectToFirst(HOSTS, attempt(same), never))).code).toBe("PERMISSION_DENIED");
  const mixed = { ...same, 2: failure("CONNECT_FAILED") };
  const error = await refusal(connectToFirst(HOSTS, attempt(mixed), never));
  expect(error).toMatchObject({ code: "CONNECT_FAILED" });
  expect(error.message).toBe("none of 3 hosts took the connection: h:1: said; h:2: said; h:3: said");
  expect((error.cause as AggregateError).errors.length).toBe(3);
});

test("a caller that gives up ends it at once", async () => {
  const controller = new AbortController();
  const connecting = refusal(connectToFirst(HOSTS, attempt({}), controller.signal));
  controller.abort(new TelepoolError("POOL_CLOSED", "closed"));
  expect((await connecting).code).toBe("POOL_CLOSED");
});
