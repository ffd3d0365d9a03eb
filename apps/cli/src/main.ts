#!/usr/bin/env bun
/**
 * The program `telepool`. A server is to be small, and `serve` by itself, as an image or a unit runs it, needs no parser of command
 * lines: that is 6 MB that stay unloaded. With flags it goes the way of every other command.
 */
import { readEnv } from "./env.ts";

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === "serve") {
  const { userFolder } = readEnv(process.env, process.cwd());
  if (userFolder !== undefined) process.chdir(userFolder);
  await import("@telepool/server/main");
} else {
  const { main } = await import("./run.ts");
  process.exitCode = await main(args);
}
