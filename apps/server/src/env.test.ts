import { expect, test } from "bun:test";
import { TelepoolError } from "@telepool/core";
import { readEnv } from "./env.ts";

test("an environment without telepool's variables sets nothing", () => {
  expect(readEnv({ PATH: "/bin", PORT: "3000" })).toEqual({});
});

test("an empty variable counts as absent", () => {
  expect(readEnv({ TELEPOOL_DB_URL: "", TELEPOOL_HOST: "", TELEPOOL_PORT: "" })).toEqual({});
});

test("the variables become options", () => {
  const env = { TELEPOOL_DB_URL: "sqlite://./a.db", TELEPOOL_HOST: "0.0.0.0", TELEPOOL_PORT: "0" };
  expect(readEnv(env)).toEqual({ dbUrl: "sqlite://./a.db", host: "0.0.0.0", port: 0 });
});

for (const port of ["65536", "-1", "80.5", "1e3", "0x50", " 80", "http"]) {
  test(`the port ${JSON.stringify(port)} is refused by the variable's name`, () => {
    const read = () => readEnv({ TELEPOOL_PORT: port });
    expect(read).toThrow(TelepoolError);
    expect(read).toThrow("TELEPOOL_PORT must be a whole number from 0 to 65535");
  });
}
