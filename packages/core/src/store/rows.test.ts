import { describe, expect, test } from "bun:test";
import { FakeClock } from "../testing/fake-clock.ts";
import {
  type EventInput,
  eventRow,
  type ProfileInput,
  parseName,
  parseTime,
  profileRow,
  toEvent,
  toProfile,
} from "./rows.ts";

const clock = new FakeClock({ startMs: 1234 });
const input: ProfileInput = { session: "s", profile: { latency: 5 }, member: "m", document: "d" };

function flawOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const { code, field } = error as { code?: unknown; field?: unknown }; // only looked at
    return [code, field];
  }
}

describe("a profile", () => {
  test("gets a new id and the time of the clock when it brings none", () => {
    const row = profileRow(input, clock, "row");
    expect(row).toMatchObject({ session: "s", profile: '{"latency":5}', member: "m", document: "d", timestamp: 1234 });
    expect(row.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(profileRow(input, clock, "row").id > row.id).toBe(true);
  });

  test("keeps the id and the time that it brings", () => {
    const row = profileRow({ ...input, id: "own", timestamp: 0 }, clock, "row");
    expect(row).toMatchObject({ id: "own", timestamp: 0 });
    expect(toProfile(row)).toEqual({ ...input, id: "own", timestamp: 0, profile: { latency: 5 } });
  });

  test.each([
    [{ ...input, session: undefined }, "INVALID_ARGUMENT", "rows[3].session"],
    [{ ...input, member: "" }, "INVALID_ARGUMENT", "rows[3].member"],
    [{ ...input, document: 5 }, "INVALID_ARGUMENT", "rows[3].document"],
    [{ ...input, id: null }, "INVALID_ARGUMENT", "rows[3].id"],
    [{ ...input, timestamp: -1 }, "INVALID_ARGUMENT", "rows[3].timestamp"],
    [{ ...input, profile: [] }, "INVALID_PROFILE", "rows[3].profile"],
    [{ ...input, profil: {} }, "INVALID_ARGUMENT", "rows[3].profil"],
    [{ ...input, member: "\0" }, "INVALID_TEXT", "rows[3].member"],
    [null, "INVALID_ARGUMENT", "rows[3]"],
    ["x", "INVALID_ARGUMENT", "rows[3]"],
    [[], "INVALID_ARGUMENT", "rows[3]"],
  ])("%j is refused as %s at %s", (given, code, field) => {
    expect(flawOf(() => profileRow(given as ProfileInput, clock, "rows[3]"))).toEqual([code, field]);
  });
});

describe("an event", () => {
  test("has empty data and no session unless it brings them", () => {
    const row = eventRow({ type: "click" }, clock, "event");
    expect(row).toMatchObject({ event_type: "click", data: "{}", session: null, timestamp: 1234 });
    expect(toEvent(row)).toMatchObject({ type: "click", data: {}, session: null });
  });

  test.each([
    [{}, "event.type"],
    [{ type: "click", session: "" }, "event.session"],
    [{ type: "click", timestamp: 1.5 }, "event.timestamp"],
    [{ type: "click", payload: {} }, "event.payload"],
  ])("%j is refused at %s", (given, field) => {
    expect(flawOf(() => eventRow(given as EventInput, clock, "event"))).toEqual(["INVALID_ARGUMENT", field]);
  });
});

describe("a name", () => {
  test("has up to 255 characters, of which an emoji is one", () => {
    expect(parseName("👍".repeat(255), "member")).toBe("👍".repeat(255));
    expect(flawOf(() => parseName("👍".repeat(256), "member"))).toEqual(["INVALID_ARGUMENT", "member"]);
    expect(flawOf(() => parseName("x".repeat(256), "member"))).toEqual(["INVALID_ARGUMENT", "member"]);
  });

  test.each(["\0", "a\0", "\ud800", "\udc00x"])("%j is refused", (text) => {
    expect(flawOf(() => parseName(text, "member"))).toEqual(["INVALID_TEXT", "member"]);
  });
});

describe("a time", () => {
  test.each([0, 1, Number.MAX_SAFE_INTEGER])("%p is kept", (time) => {
    expect(parseTime(time, "timestamp")).toBe(time);
  });

  test("-0 becomes 0", () => {
    expect(Object.is(parseTime(-0, "timestamp"), 0)).toBe(true);
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, "0", null, 5n])("%p is refused", (time) => {
    expect(flawOf(() => parseTime(time, "timestamp"))).toEqual(["INVALID_ARGUMENT", "timestamp"]);
  });
});
