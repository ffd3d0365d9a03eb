/**
 * Builds the one executable and looks at it as somebody who has nothing else: in an empty folder, without an environment,
 * it tells its version, stores and finds profiles, knows all drivers, reads in a thread, and serves, with its pages, until
 * SIGTERM; and it has what copies a store to R2. Run: `pnpm check:binary`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBinary } from "./build-binary.ts";

const RUN_LIMIT_MS = 20_000;

const root = join(import.meta.dir, "..");
const work = mkdtempSync(join(tmpdir(), "telepool-binary-"));
const binary = join(work, "bin/telepool");
const cwd = join(work, "empty");

function start(...args: string[]) {
  return startWith({}, ...args);
}

function startWith(env: Record<string, string>, ...args: string[]) {
  const limits = { timeout: RUN_LIMIT_MS, killSignal: "SIGKILL" } as const;
  return Bun.spawn([binary, ...args], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe", ...limits });
}

/** Runs a command to its end and returns what it printed, its errors included; throws if it ends with another code. */
async function run(wantedCode: number, ...args: string[]): Promise<string> {
  const child = start(...args);
  const [code, out, err] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  if (code === wantedCode) return (out + err).trim();
  throw new Error(`telepool ${args.join(" ")} ended with ${child.signalCode ?? code}\n${out}${err}`);
}

function expectEqual(what: string, found: unknown, wanted: unknown): void {
  if (Bun.deepEquals(found, wanted)) return;
  throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

async function checkCommands(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, "apps/cli/package.json"), "utf8"));
  expectEqual("--version", await run(0, "--version"), version);
  await run(0, "insert", '{"latencyMs":2.5}', "--session", "session-1", "--member", "nolarose");
  const [session] = JSON.parse(await run(0, "query", "nolarose", "--json"));
  expectEqual("the session's profiles", session.profile_count, 1);
}

/** A driver that is not built in could not even find out that nobody listens. */
async function checkDriver(scheme: string): Promise<void> {
  const failure = JSON.parse(await run(3, "stats", "--json", "--db", `${scheme}://127.0.0.1:1/telepool`));
  expectEqual(scheme, failure.error.code, "CONNECT_FAILED");
}

async function checkServer(): Promise<void> {
  const server = start("serve", "--port", "0", "--json");
  try {
    const url = await addressOf(server);
    const response = await fetch(`${url}/api/profiles`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        session: "session-1",
        member: "nolarose",
        document: "guide.md",
        profile: { latencyMs: 3 },
      }),
    });
    expectEqual("POST /api/profiles", response.status, 201);
    for (const path of ["/", "/docs", "/assets/swagger-ui-bundle.js", "/openapi.json", "/metrics"]) {
      expectEqual(`GET ${path}`, (await fetch(url + path, { headers: { accept: "text/html" } })).status, 200);
    }
    // What may be a long read goes through a thread, whose script has to be found in the executable as well.
    const exported = await run(0, "export", "--member", "nolarose");
    expectEqual("the exported profiles", exported.split("\n").length, 2);
    server.kill("SIGTERM");
    expectEqual("the server's exit code", await server.exited, 0);
  } finally {
    server.kill("SIGKILL");
  }
}

/** What copies is loaded by its name when a bucket is set: nobody listens where this one is, which only it can find out. */
async function checkCopy(): Promise<void> {
  const env = {
    TELEPOOL_R2_BUCKET: "telemetry",
    TELEPOOL_R2_ENDPOINT: "http://127.0.0.1:1",
    TELEPOOL_R2_ACCESS_KEY_ID: "none",
    TELEPOOL_R2_SECRET_ACCESS_KEY: "none",
  };
  const server = startWith(env, "serve", "--port", "0", "--json");
  try {
    const url = await addressOf(server);
    expectEqual("/pool-sync", (await fetch(`${url}/pool-sync?wait=0`)).status, 202);
    const { sync } = JSON.parse(await (await fetch(`${url}/pool-stats`)).text());
    expectEqual("where the copy goes", sync.location, "http://127.0.0.1:1/telemetry/");
    server.kill("SIGTERM");
    expectEqual("the exit code of a server with a copy", await server.exited, 0);
  } finally {
    server.kill("SIGKILL");
  }
}

/** Reads what the server prints, up to the end of the object that tells where it listens. */
async function addressOf(server: ReturnType<typeof start>): Promise<string> {
  let printed = "";
  for await (const piece of server.stdout.pipeThrough(new TextDecoderStream())) {
    printed += piece;
    if (printed.trimEnd().endsWith("}")) return JSON.parse(printed).url;
  }
  throw new Error(`telepool serve ended with ${await server.exited}\n${printed}${await server.stderr.text()}`);
}

try {
  mkdirSync(cwd);
  await buildBinary(binary);
  await checkCommands();
  await Promise.all([checkDriver("postgres"), checkDriver("mysql")]);
  await checkServer();
  await checkCopy();
  console.log(`telepool runs from one file of ${(statSync(binary).size / 1e6).toFixed(0)} MB, with nothing beside it`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
