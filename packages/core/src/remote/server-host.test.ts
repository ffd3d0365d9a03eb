import { expect, test } from "bun:test";
import { parseHost, showHost } from "./server-host.ts";

test.each([
  ["db.internal", "db.internal", 7, "db.internal:7"],
  ["db:99", "db", 99, "db:99"],
  ["10.0.0.1:99", "10.0.0.1", 99, "10.0.0.1:99"],
  ["[::1]:99", "::1", 99, "[::1]:99"],
  ["::1", "::1", 7, "[::1]:7"],
  ["/var/run/postgresql", "/var/run/postgresql", 7, "/var/run/postgresql"],
])("%s is understood", (text, host, port, shown) => {
  const parsed = parseHost(text, 7, "field");
  expect(parsed).toEqual({ host, port });
  expect(showHost(parsed)).toBe(shown);
});

test.each(["", "a:b:c", "a:0", "a:99999", "a b", "a/b", "[::1", ":5"])("%p is refused", (text) => {
  expect(() => parseHost(text, 7, "field")).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", field: "field" }),
  );
});
