/**
 * Runs the programs of one throwaway server, in a process of its own that outlives the one that started it by a moment:
 * when the connection between the two closes, for whatever reason, it ends the program and removes the folder.
 * Run: `guard.ts <folder> <signal that ends the program>`.
 */
import { closeSync, openSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import { freezeTree, isGone, killAll, killTree, sendSignal, thawTree } from "../processes.ts";
import { type GuardMessage, type RunMessage, receive, SOCKET_NAME, send } from "./guard-messages.ts";

/** How long the program has to end by the signal before it is killed. */
const END_WITHIN_MS = 2000;

const [folder = "", endSignal = "SIGKILL"] = process.argv.slice(2);
const owner = connect({ path: join(folder, SOCKET_NAME), allowHalfOpen: true });
let pid: number | undefined;
let isOver = false;

function run({ command, env, uid, gid, log }: RunMessage): void {
  const output = openSync(log, "a");
  const user = uid === undefined || gid === undefined ? {} : { uid, gid };
  try {
    // cwd "/": the server's user may not be allowed into ours
    const program = Bun.spawn([...command], { cwd: "/", env, stdio: ["ignore", output, output], ...user });
    pid = program.pid;
    tell({ type: "running", pid });
    void program.exited.then((code) => {
      pid = undefined;
      tell({ type: "ended", how: String(program.signalCode ?? `code ${code}`) });
    });
  } catch (error) {
    tell({ type: "failed", reason: String(error) });
  } finally {
    closeSync(output);
  }
}

function tell(message: GuardMessage): void {
  if (!owner.destroyed) send(owner, message);
}

async function end(): Promise<void> {
  if (isOver) return;
  isOver = true;
  if (pid !== undefined) await endProgram(pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0); // which closes the connection: the owner knows that all is gone
}

async function endProgram(running: number): Promise<void> {
  if (endSignal === "SIGKILL") return await killTree(running);
  const tree = freezeTree(running);
  thawTree(running);
  sendSignal(running, endSignal as NodeJS.Signals); // it is ServerKind.endSignal
  const gone = eventually(() => tree.every(isGone), { withinMs: END_WITHIN_MS, what: "its end" });
  await gone.catch(() => killAll(tree));
}

receive<RunMessage>(owner, run);
owner.on("error", () => {}); // "close" follows
for (const event of ["end", "close"]) owner.on(event, end);
