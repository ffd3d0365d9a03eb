/** The shared server is the one that the environment names. */
import { describe, expect, test } from "bun:test";
import { describeOn } from "../src/index.ts";
import { Child } from "./child.ts";
import { KINDS } from "./kinds.ts";

for (const { kind, start, variable } of KINDS) {
  const body = () => {
    test("a server that is named by its URL is used, and none is started", async () => {
      await using server = await start();
      await using child = new Child("shared-server.ts", [kind], { [variable]: server.url });
      expect(JSON.parse(await child.line())).toEqual({ url: server.url, version: server.version });
      expect(child.leftovers()).toEqual([]);
    });
  };

  describeOn(kind, { describe, test }, `a given ${kind} server`, body, "throwaway server");
}
