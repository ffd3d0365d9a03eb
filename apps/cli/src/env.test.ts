import { expect, test } from "bun:test";
import { readEnv } from "./env.ts";

test("an empty variable is none", () => {
  const variables = { TELEPOOL_DB_URL: "" };
  expect(readEnv(variables, "/here")).toEqual({ databaseUrl: undefined, variables, userFolder: undefined });
});

test("in a package script the user's folder is the one where the package manager was started", () => {
  const script = { INIT_CWD: "/repo/docs", npm_package_json: "/repo/package.json" };
  expect(readEnv(script, "/repo").userFolder).toBe("/repo/docs");
});

test.each([
  ["the script has changed folder itself", { INIT_CWD: "/repo/docs", npm_package_json: "/repo/package.json" }, "/tmp"],
  ["the user stands there already", { INIT_CWD: "/repo", npm_package_json: "/repo/package.json" }, "/repo"],
  ["there is no package", { INIT_CWD: "/repo/docs" }, "/repo"],
])("the current folder counts when %s", (_, variables, folder) => {
  expect(readEnv(variables, folder).userFolder).toBeUndefined();
});
