import { expect, test } from "bun:test";
import { eventually } from "./eventually.ts";
import { freezeTree, isGone, killTree, sendSignal, thawTree } from "./processes.ts";

const SOON = { withinMs: 60_000, what: "it" };

/** A shell, its child and its grandchild; resolves when all three run. */
async function family(): Promise<{ pid: number; exited: Promise<number>; tree: number[] }> {
  const shell = Bun.spawn(["sh", "-c", "sh -c 'sleep 60; :' ; :"], { stdio: ["ignore", "ignore", "ignore"] });
  const grown = () => {
    const tree = freezeTree(shell.pid);
    thawTree(shell.pid);
    return tree.length === 3 && tree;
  };
  return { pid: shell.pid, exited: shell.exited, tree: await eventually(grown, SOON) };
}

test("killTree ends a process with its children and grandchildren, and resolves when they are gone", async () => {
  const { pid, tree } = await family();
  expect(tree.map(isGone)).toEqual([false, false, false]);
  await killTree(pid);
  expect(tree.map(isGone)).toEqual([true, true, true]);
});

test("a frozen family does not hear a signal until it is thawed", async () => {
  const { pid, exited, tree } = await family();
  freezeTree(pid);
  for (const one of tree) sendSignal(one, "SIGTERM");
  expect(tree.map(isGone)).toEqual([false, false, false]);
  thawTree(pid);
  await exited;
  await eventually(() => tree.every(isGone), SOON);
});

test("a process that is gone takes no signal", async () => {
  const child = Bun.spawn(["true"]);
  await child.exited;
  expect(isGone(child.pid)).toBe(true);
  expect(sendSignal(child.pid, "SIGTERM")).toBe(false);
});
