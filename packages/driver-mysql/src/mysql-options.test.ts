import { describe, expect, test } from "bun:test";
import { userInfo } from "node:os";
import { isTelepoolError, type MysqlDriverOptions, type TelepoolError } from "@telepool/core";
import { mysqlDriver } from "./mysql-driver.ts";
import { parseMysqlOptions } from "./mysql-options.ts";

function refusal(options: object): TelepoolError {
  try {
    parseMysqlOptions(options);
  } catch (error) {
    if (isTelepoolError(error)) return error;
    throw error;
  }
  return expect.unreachable("it was accepted");
}

describe("options in a URL", () => {
  test("are the same as those of an object", async () => {
    const config = parseMysqlOptions({
      url: "mariadb://u:p%40w@db.internal:3307/tele?readFrom=r1,r2:7000&statementTimeoutMs=50&ssl.caFile=/ca.pem",
    });
    expect(config.hosts).toEqual([{ host: "db.internal", port: 3307 }]);
    expect(config.readFrom).toEqual([
      { host: "r1", port: 3307 },
      { host: "r2", port: 7000 },
    ]);
    expect([config.user, await config.password(), config.database]).toEqual(["u", "p@w", "tele"]);
    expect(config.statementTimeoutMs).toBe(50);
    expect(config.location).toBe("db.internal:3307/tele");
    expect(() => config.tls()).toThrow("/ca.pem cannot be read");
  });

  test("may go by the names that MySQL's own clients use", () => {
    expect(parseMysqlOptions({ url: "mysql://h/d?ssl-mode=VERIFY_IDENTITY" }).tls()).toEqual({
      rejectUnauthorized: true,
    });
    expect(parseMysqlOptions({ url: "mysql://h/d?ssl-mode=disabled" }).tls()).toBeUndefined();
    expect(mysqlDriver({ url: "mysql:///d?socket=/run/mysqld.sock" }).location).toBe("/run/mysqld.sock/d");
  });

  test("may leave out the user, who is then the system's", () => {
    expect(parseMysqlOptions({ database: "d" }).user).toBe(userInfo().username);
  });
});

test.each<[MysqlDriverOptions, string, string]>([
  [{}, "mysql.database", "is missing"],
  [{ url: "mysql://u:hunter2@h" }, "mysql.database", "is missing"],
  [{ url: "mysql://u:hunter2@h/d?schema=x" }, "mysql.url", "schema"],
  [{ url: "postgres://u:hunter2@h/d" }, "mysql.url", "mysql://"],
  [{ url: "mysql://u:hunter2@h/d?ssl-mode=PREFERRED" }, "mysql.url", "ssl-mode"],
  [{ databse: "d" } as never, "mysql.databse", "did you mean database"],
])("%j is refused, without a secret", (options, field, said) => {
  const error = refusal(options);
  expect(error).toMatchObject({ code: "INVALID_OPTION", field });
  expect(error.message).toContain(said);
  expect(error.message).not.toContain("hunter2");
});
