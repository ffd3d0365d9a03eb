/** No server outlives the process that started it, however that ends, and none keeps it alive. */
import { describe, expect, test } from "bun:test";
import { eventually } from "../src/eventually.ts";
import { describeOn } from "../src/index.ts";
import { isGone, sendSignal } from "../src/processes.ts";
import { Child } from "./child.ts";
import { KINDS } from "./kinds.ts";

for (const { kind } of KINDS) {
  const body = () => {
    test.each(["run", "freeze"])(
      "after SIGKILL of a process whose server was left to %s, the server and its folder are gone",
      async (what) => {
        await using child = new Child("start-server.ts", [kind, what]);
        const { server, bystander } = JSON.parse(await child.line());
        expect(isGone(server)).toBe(false);
        expect(child.leftovers()).not.toEqual([]);

        child.kill();
        await eventually(() => isGone(server), { withinMs: 60_000, what: "the end of the server" });
        await eventually(() => child.leftovers().length === 0, { withinMs: 60_000, what: "the removal of the folder" });
        expect(isGone(bystander)).toBe(false);
        sendSignal(bystander, "SIGKILL");
      },
    );

    test("after SIGKILL while the server is being installed, nothing is left", async () => {
      await using child = new Child("start-server.ts", [kind, "run"]);
      const isInstalling = () => child.leftovers().some((path) => path.endsWith("/data"));
      await eventually(isInstalling, { withinMs: 60_000, what: "the first data" });
      child.kill();
      await eventually(() => child.leftovers().length === 0, { withinMs: 60_000, what: "the removal of the folder" });
    });

    test("a process that has nothing left to do ends, and its server with it", async () => {
      await using child = new Child("start-server.ts", [kind, "end"]);
      const { server, bystander } = JSON.parse(await child.line());
      expect(await child.exited).toBe(0);
      await eventually(() => isGone(server), { withinMs: 60_000, what: "the end of the server" });
      await eventually(() => child.leftovers().length === 0, { withinMs: 60_000, what: "the removal of the folder" });
      sendSignal(bystander, "SIGKILL");
    });
  };

  describeOn(kind, { describe, test }, `the end of a process with a ${kind} server`, body, "throwaway server");
}
