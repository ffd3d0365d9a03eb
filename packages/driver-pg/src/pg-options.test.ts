import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTelepoolError, type PostgresDriverOptions, type TelepoolError } from "@telepool/core";
import { pgDriver } from "./pg-driver.ts";
import { parsePgOptions } from "./pg-options.ts";

function refusal(options: object): TelepoolError {
  try {
    parsePgOptions(options);
  } catch (error) {
    if (isTelepoolError(error)) return error;
    throw error;
  }
  return expect.unreachable("it was accepted");
}

describe("options in a URL", () => {
  test("are the same as those of an object", async () => {
    const url =
      "postgres://us%40er:p%2Fw@db.internal:6000/tele%20metry?readOnly=true&queryTimeoutMs=Infinity&schema=a&readFrom=r1,r2:7000&ssl.servername=x";
    const config = parsePgOptions({ url });
    expect(config.schema).toBe("a");
    const { server } = config;
    expect(server.hosts).toEqual([{ host: "db.internal", port: 6000 }]);
    expect(server.readFrom).toEqual([
      { host: "r1", port: 6000 },
      { host: "r2", port: 7000 },
    ]);
    expect([server.user, await server.password(), server.database]).toEqual(["us@er", "p/w", "tele metry"]);
    expect([server.readOnly, server.queryTimeoutMs]).toEqual([true, Number.POSITIVE_INFINITY]);
    expect(server.tls()).toEqual({ servername: "x", rejectUnauthorized: true });
    expect(server.location).toBe("db.internal:6000/tele metry");
  });

  test("hold plus signs as they are", async () => {
    expect(await parsePgOptions({ url: "postgres://h/d?password=a%2Bb+c%26" }).server.password()).toBe("a+b+c&");
  });

  test("count less than the same ones beside it", () => {
    const { server } = parsePgOptions({ url: "postgres://a@h/one?connectTimeoutMs=5", database: "two" });
    expect([server.database, server.user, server.connectTimeoutMs]).toEqual(["two", "a", 5]);
  });

  test("may go by the names that libpq uses", () => {
    const { server, targetSessionAttrs } = parsePgOptions({
      url: "postgresql://h/d?sslmode=verify-full&application_name=app&connect_timeout=3&target_session_attrs=standby",
    });
    expect(server.tls()).toEqual({ rejectUnauthorized: true });
    expect([server.applicationName, server.connectTimeoutMs, targetSessionAttrs]).toEqual(["app", 3000, "standby"]);
    expect(parsePgOptions({ url: "postgres://h/d?sslmode=no-verify" }).server.tls()).toEqual({
      rejectUnauthorized: false,
    });
    expect(parsePgOptions({ url: "postgres://h/d?sslmode=disable" }).server.tls()).toBeUndefined();
  });

  test.each([
    ["postgres://a,b:7,[::1]:8/d", ["a:5432", "b:7", "[::1]:8"]],
    ["postgres:///d?host=/var/run/postgresql", ["/var/run/postgresql"]],
    ["postgres://%2Frun%2Fpg/d", ["/run/pg"]],
    ["postgres://h/d?port=99", ["h:99"]],
    ["postgres:///d?host=a,b:7", ["a:5432", "b:7"]],
    ["postgres://", ["localhost:5432"]],
  ])("%s leads to %p", (url, hosts) => {
    expect(pgDriver({ url }).location.split("/d")[0]?.replace(/\/$/, "")).toBe(hosts.join(","));
  });

  test("several hosts ask for one that can be written, unless they are only read", () => {
    expect(parsePgOptions({ hosts: ["a", "b"] }).targetSessionAttrs).toBe("read-write");
    expect(parsePgOptions({ hosts: ["a", "b"], readOnly: true }).targetSessionAttrs).toBe("any");
    expect(parsePgOptions({ host: "a", readFrom: ["b"] }).targetSessionAttrs).toBe("read-write");
    expect(parsePgOptions({ host: "a" }).targetSessionAttrs).toBe("any");
  });
});

describe("what is refused, by its name and without a secret", () => {
  const SECRET = "hunter2";

  test.each<[PostgresDriverOptions, string, string]>([
    [{ url: `postgres://u:${SECRET}@h/d?nonsense=${SECRET}` }, "postgresql.url", "nonsense"],
    [{ url: `postgres://u:${SECRET}@h/d?port=x` }, "postgresql.port", "whole number"],
    [{ url: `postgres://u:${SECRET}@h:99999/d` }, "postgresql.port", "65535"],
    [{ url: `postgres://u:%zz${SECRET}@h/d` }, "postgresql.url", "percent"],
    [{ url: `http://u:${SECRET}@h/d` }, "postgresql.url", "postgres://"],
    [{ url: `postgres://u:${SECRET}@h/d?user=x` }, "postgresql.url", "user twice"],
    [{ url: `postgres://u:${SECRET}@h/d?sslmode=maybe` }, "postgresql.url", "sslmode"],
    [{ url: "postgres://h/d?sslmode=no-verify&sslmode=verify-full" }, "postgresql.url", "twice"],
    [{ url: "postgres://h/d?ssl.rejectUnauthorized=false&sslmode=verify-full" }, "postgresql.url", "twice"],
    [{ url: "postgres://h/d?sslmode=disable&sslrootcert=f" }, "postgresql.url", "turns TLS off"],
    [{ url: "postgres://h/d?sslrootcert=f&sslmode=disable" }, "postgresql.url", "turns TLS off"],
    [{ url: `postgres://h/d?password=%zz${SECRET}` }, "postgresql.url", "percent"],
    [{ url: "postgres://h", connectionString: "postgres://h" }, "postgresql.connectionString", "both"],
    [{ host: "a", hosts: ["b"] }, "postgresql.hosts", "both"],
    [{ password: SECRET, passwordFile: "/x" }, "postgresql.passwordFile", "both"],
    [{ password: 5 as never }, "postgresql.password", "text or a function"],
    [{ hosts: [] }, "postgresql.hosts", "empty"],
    [{ hosts: ["a:b:c"] }, "postgresql.hosts", "host must look like"],
    [{ ssl: { caFile: "a", ca: "b" } }, "postgresql.ssl.caFile", "both"],
    [{ ssl: { cafile: "a" } as never }, "postgresql.ssl.cafile", "did you mean caFile"],
    [{ shema: "a" } as never, "postgresql.shema", "did you mean schema"],
    [{ connectTimeoutMs: 0 }, "postgresql.connectTimeoutMs", "whole number"],
    [{ schema: "a", preparedStatements: false }, "postgresql.schema", "transaction mode"],
    [{ targetSessionAttrs: "master" as never }, "postgresql.targetSessionAttrs", "one of"],
  ])("%j", (options, field, said) => {
    const error = refusal(options);
    expect(error).toMatchObject({ code: "INVALID_OPTION", field });
    expect(error.message).toContain(said);
    expect(error.message).not.toContain(SECRET);
  });
});

describe("a password", () => {
  test("may come from a function, which is asked at every connect", async () => {
    let asked = 0;
    const { server } = parsePgOptions({ password: async () => `secret ${++asked}` });
    expect([await server.password(), await server.password()]).toEqual(["secret 1", "secret 2"]);
    const { server: wrong } = parsePgOptions({ password: (() => 5) as never });
    expect(await wrong.password().catch((error: unknown) => error)).toMatchObject({
      code: "INVALID_OPTION",
      field: "postgresql.password",
    });
  });

  test("may come from a file, which is read at every connect", async () => {
    const folder = await mkdtemp(join(tmpdir(), "telepool-password-"));
    const file = join(folder, "password");
    const { server } = parsePgOptions({ passwordFile: file });
    expect(await server.password().catch((error: unknown) => error)).toMatchObject({
      code: "INVALID_OPTION",
      field: "postgresql.passwordFile",
    });
    for (const written of ["one\n", "two\r\n", "three"]) {
      writeFileSync(file, written);
      expect(await server.password()).toBe(written.trimEnd());
    }
    await rm(folder, { recursive: true });
  });
});
