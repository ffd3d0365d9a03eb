import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { parseSqliteOptions } from "./sqlite-options.ts";

const config = (path: string) => ({ path, synchronous: "full", readOnly: false });

test("without options it is ./telepool.db, durable and writable", () => {
  expect(parseSqliteOptions({})).toMatchObject(config(resolve("telepool.db")));
});

test.each([
  ["sqlite://./a.db", resolve("a.db")],
  ["sqlite://folder/a.db", resolve("folder/a.db")],
  ["sqlite:a.db", resolve("a.db")],
  ["SQLITE://a.db", resolve("a.db")],
  ["sqlite:///var/lib/a.db", "/var/lib/a.db"],
  ["file:///var/lib/a.db", "/var/lib/a.db"],
  ["file:a.db", resolve("a.db")],
  ["sqlite://a%20b%25%3F.db", resolve("a b%?.db")],
  ["sqlite://größe.db", resolve("größe.db")],
  ["sqlite://:memory:", ":memory:"],
  ["sqlite::memory:", ":memory:"],
])("the URL %s names %s", (url, path) => {
  expect(parseSqliteOptions({ url })).toMatchObject(config(path));
});

test("a URL's query holds options, and those of the object count before them", () => {
  const url = "sqlite://a.db?synchronous=normal&readOnly=true";
  expect(parseSqliteOptions({ url })).toMatchObject({ synchronous: "normal", readOnly: true });
  expect(parseSqliteOptions({ url, synchronous: "off" })).toMatchObject({ synchronous: "off", readOnly: true });
});

test("a relative path is that of the moment, whatever folder is current later", () => {
  const { path } = parseSqliteOptions({ path: "a.db" });
  expect(path).toBe(resolve("a.db"));
});

test.each([
  [{ path: "" }, "sqlite.path"],
  [{ path: 5 }, "sqlite.path"],
  [{ path: null }, "sqlite.path"],
  [{ path: "a\0b" }, "sqlite.path"],
  [{ path: "a.db", url: "sqlite://b.db" }, "sqlite.url"],
  [{ path: ":memory:", readOnly: true }, "sqlite.readOnly"],
  [{ synchronous: "FULL" }, "sqlite.synchronous"],
  [{ synchronous: 2 }, "sqlite.synchronous"],
  [{ readOnly: "true" }, "sqlite.readOnly"],
  [{ synchronus: "full" }, "sqlite.synchronus"],
  [{ url: 5 }, "sqlite.url"],
  [{ url: "" }, "sqlite.url"],
  [{ url: "sqlite:" }, "sqlite.url"],
  [{ url: "sqlite://" }, "sqlite.url"],
  [{ url: "sqlite://?synchronous=full" }, "sqlite.url"],
  [{ url: "sqlite://a.db#part" }, "sqlite.url"],
  [{ url: "sqlite://a%zz.db" }, "sqlite.url"],
  [{ url: "sqlite://a%00.db" }, "sqlite.path"],
  [{ url: "postgres://a" }, "sqlite.url"],
  [{ url: "sqlite://a.db?path=b.db" }, "sqlite.url"],
  [{ url: "sqlite://a.db?url=b" }, "sqlite.url"],
  [{ url: "sqlite://a.db?synchronous=full&synchronous=off" }, "sqlite.url"],
  [{ url: "sqlite://a.db?synchronous=fast" }, "sqlite.synchronous"],
  [{ url: "sqlite://a.db?readOnly=yes" }, "sqlite.readOnly"],
  [{ url: "sqlite://a.db?pool=1" }, "sqlite.pool"],
  [null, "sqlite"],
  ["a.db", "sqlite"],
])("the options %j are refused, and the error names %s", (options, field) => {
  expect(() => parseSqliteOptions(options as never)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", field }),
  );
});
