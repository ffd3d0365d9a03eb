import { expect, test } from "bun:test";
import { TelepoolError } from "../errors.ts";
import { TelemetryPool } from "../telemetry-pool.ts";
import { fakeDriver } from "../testing/fake-driver.ts";
import { checkKeys } from "./known-keys.ts";

const KNOWN: ReadonlySet<string> = new Set(["member", "session"]);

test("known keys pass, whatever their values", () => {
  expect(() => checkKeys({ member: undefined }, KNOWN, "filter")).not.toThrow();
  expect(() => checkKeys({}, KNOWN, "filter")).not.toThrow();
});

test("an unknown key is refused with its path and the nearest known one", () => {
  expect(() => checkKeys({ membr: "x" }, KNOWN, "filter")).toThrow(
    new TelepoolError("INVALID_ARGUMENT", "filter.membr is not known; did you mean member?"),
  );
});

test.each([null, 7, "text", ["member"]])("%p is not an object with keys", (input) => {
  expect(() => checkKeys(input, KNOWN, "filter")).toThrow("filter must be an object");
});

test("every method that takes options refuses a misspelt one before it writes or opens anything", async () => {
  const driver = fakeDriver();
  const store = new TelemetryPool({ driver });
  const wrong = { tiemstamp: 1, singal: 2, wiat: 3 } as object; // none of them exists
  const calls = [
    store.insertProfile("s", {}, "m", "d", wrong),
    store.addProfile({ session: "s", profile: {}, member: "m", document: "d" }, wrong),
    store.recordEvent("click", {}, null, wrong),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: { code: "INVALID_ARGUMENT", field: "options.tiemstamp" },
    });
  }
  const typo = { singal: 1 } as object; // neither
  const reads = [
    store.getProfile("x", typo),
    store.getSession("x", typo),
    store.queryProfiles({}, {}, typo),
    store.querySessions("*", {}, typo),
    store.queryEvents({}, {}, typo),
    store.aggregate({ metric: "x" }, typo),
    store.insertProfiles([], typo),
    store.profiles({}, typo).next(),
  ];
  for (const outcome of await Promise.allSettled(reads)) {
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: { code: "INVALID_ARGUMENT", field: "options.singal" },
    });
  }
  expect(store.stats().queues.profiles.rows).toBe(0);
  expect(driver.calls).toEqual([]);
  await store.close();
});
