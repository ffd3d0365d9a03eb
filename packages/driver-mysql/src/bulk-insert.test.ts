import { describe, expect, test } from "bun:test";
import type { ProfileRow } from "@telepool/core";
import { insertProfiles, upsertSessions } from "./bulk-insert.ts";

const PACKET = 16 * 1024 * 1024;

function rows(count: number, change: (n: number) => Partial<ProfileRow> = () => ({})): ProfileRow[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `id-${n}`,
    session: `s-${n % 3}`,
    profile: "{}",
    timestamp: n,
    member: "m",
    document: "d",
    ...change(n),
  }));
}

function places({ sql }: { readonly sql: string }): number {
  return sql.split("(?,").length - 1;
}

describe("the statements for many rows", () => {
  test.each([1, 2, 3, 31, 32, 33, 100, 1000, 1024, 5000])("%d rows go whole, in pieces of powers of two", (count) => {
    const statements = [...insertProfiles(rows(count), PACKET)];
    expect(statements.reduce((sum, statement) => sum + statement.rows, 0)).toBe(count);
    for (const statement of statements) {
      expect(Math.log2(places(statement)) % 1).toBe(0);
      expect(statement.values.length).toBe(places(statement) * 6);
      expect(places(statement)).toBeLessThan(statement.rows * 2);
    }
    expect(statements.length).toBeLessThanOrEqual(Math.ceil(count / 1024) + 6);
  });

  test("a place that is left over repeats the last row", () => {
    const [statement] = [...insertProfiles(rows(3), PACKET)];
    expect(statement?.values.slice(18)).toEqual(statement?.values.slice(12, 18) as unknown[]);
  });

  test("a packet is never larger than the server takes", () => {
    const large = rows(100, () => ({ profile: JSON.stringify({ text: "é".repeat(1000) }) }));
    for (const { values, rows: held } of insertProfiles(large, 20_000)) {
      const bytes = values.reduce((sum: number, value) => sum + Buffer.byteLength(String(value)), 0);
      expect(bytes).toBeLessThan(20_000);
      expect(held).toBeGreaterThan(0);
    }
  });

  test("a row that is larger than a packet is refused before anything is sent", () => {
    const huge = rows(1, () => ({ profile: "x".repeat(20_000) }));
    expect(() => [...insertProfiles(huge, 20_000)]).toThrow(expect.objectContaining({ code: "ROW_TOO_LARGE" }));
  });
});

test("sessions are widened once each, in the order of their ids", () => {
  const given = rows(7, (n) => ({
    session: ["b", "\u{1f600}", "\uffff"][n % 3] ?? "",
    timestamp: [5, 1, 9][n % 3] ?? 0,
  }));
  const [statement] = [...upsertSessions(given, PACKET)];
  expect(statement?.rows).toBe(3);
  expect(statement?.values).toEqual([
    ...["b", "m", 5, 5, 3],
    ...["\uffff", "m", 9, 9, 2],
    ...["\u{1f600}", "m", 1, 1, 2],
    ...["\u{1f600}", "m", 1, 1, 0], // fills up, and adds nothing
  ]);
});
