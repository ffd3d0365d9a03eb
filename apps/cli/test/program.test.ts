import { expect, test } from "bun:test";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { Sandbox, TELEPOOL } from "./sandbox.ts";

const COMMANDS = [
  "insert",
  "batch",
  "import",
  "export",
  "copy",
  "sync",
  "restore",
  "query",
  "stats",
  "profile",
  "prune",
  "doctor",
  "serve",
];

test("help lists the commands that there are, and each one has an example", async () => {
  await using sandbox = await Sandbox.create();
  const { code, stdout, stderr } = await sandbox.run(["--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect([...stdout.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name)).toEqual(COMMANDS);
  const helps = await Promise.all(COMMANDS.map((command) => sandbox.run([command, "--help"])));
  for (const [position, help] of helps.entries()) {
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`Examples:\n  $ telepool ${COMMANDS[position]}`);
    expect(help.stdout).toContain("--json");
  }
});

test("the version is the package's", async () => {
  await using sandbox = await Sandbox.create();
  expect(await sandbox.run(["--version"])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test.each([
  [["qurey"], "unknown command 'qurey' (USAGE)\n  Did you mean query?"],
  [["query", "--limt", "3"], "unknown option '--limt' (USAGE)\n  Did you mean --limit?"],
  [["query", "--limit", "0"], "It must be a whole number from 1 to 1000."],
  [["query", "a", "b"], "too many arguments"],
  [["insert"], "missing required argument 'json'"],
  [["batch", "many"], "must be a whole number"],
  [["query", "--db", "telepool.db"], "write sqlite://./name.db"],
  [["sync"], "no bucket is named; set TELEPOOL_R2_BUCKET, or give --bucket (USAGE)"],
])("%p is wrong usage, which is explained on stderr", async (args, text) => {
  await using sandbox = await Sandbox.create();
  const run = await sandbox.run(args);
  expect(run).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
});

test("without a command the help goes to stderr, and that is wrong usage", async () => {
  await using sandbox = await Sandbox.create();
  expect(await sandbox.run([])).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining("Commands:") });
});

test("errors are JSON where results are", async () => {
  await using sandbox = await Sandbox.create();
  const codeOf = async (args: readonly string[]): Promise<unknown> => {
    const { stdout, stderr } = await sandbox.run(args);
    expect(stdout).toBe("");
    return JSON.parse(stderr).error.code;
  };
  expect(await codeOf(["query", "--json"])).toBe("DATABASE_NOT_FOUND");
  expect(await codeOf(["--json", "query", "--limit", "x"])).toBe("USAGE");
  expect(await codeOf(["insert", "[]", "--json"])).toBe("INVALID_PROFILE");
});

test("the flag names the database, else the environment, else the .env file", async () => {
  await using sandbox = await Sandbox.create();
  const env = { TELEPOOL_DB_URL: "sqlite://./env.db" };
  const exists = (name: string): Promise<boolean> => Bun.file(sandbox.path(name)).exists();
  await sandbox.write(".env", "TELEPOOL_DB_URL=sqlite://./file.db\n");
  await sandbox.run(["insert", "{}"]);
  expect([await exists("file.db"), await exists("telepool.db")]).toEqual([true, false]);
  await sandbox.run(["--db", "sqlite://./flag.db", "insert", "{}"], { env });
  expect([await exists("flag.db"), await exists("env.db")]).toEqual([true, false]);
  await sandbox.run(["insert", "{}"], { env });
  expect(await exists("env.db")).toBe(true);
});

test("in a package script, paths are those of the folder where the user stands", async () => {
  await using sandbox = await Sandbox.create();
  await mkdir(sandbox.path("deep"));
  const env = { INIT_CWD: sandbox.path("deep"), npm_package_json: sandbox.path("package.json") };
  await sandbox.run(["insert", "{}"], { env });
  expect((await stat(sandbox.path("deep/telepool.db"))).isFile()).toBe(true);
});

test("the brief's scripts work at the root of the repository", async () => {
  await using sandbox = await Sandbox.create();
  const root = join(import.meta.dir, "../../..");
  const env = { TELEPOOL_DB_URL: `sqlite://${sandbox.path("brief.db")}` };
  const script = (...args: string[]) => sandbox.command([process.execPath, "run", ...args], { cwd: root, env });
  const fresh = await script("pool-stats");
  expect(JSON.parse(fresh.stdout)).toMatchObject({ maxPoolSize: 20, hitRate: "0%", database: { exists: false } });
  expect((await script("pool-telemetry", "insert", '{"test":1,"latency":2.5}', "--member", "nolarose")).code).toBe(0);
  expect((await script("pool-telemetry", "batch", "100")).stdout).toContain("100 profiles in ");
  expect((await script("pool-query", "nolarose")).stdout).toContain("nolarose");
});

test("a program that calls main again and again keeps its streams as they were", async () => {
  await using sandbox = await Sandbox.create();
  const program = `
    import { main } from ${JSON.stringify(join(import.meta.dir, "../src/index.ts"))};
    const count = () => ["error", "drain"].flatMap((name) => [process.stdout, process.stderr].map((s) => s.listenerCount(name)));
    const before = count();
    for (let run = 0; run < 20; run++) await main([["stats", "query", "nonsense"][run % 3]]);
    await Bun.write("counts.json", JSON.stringify({ before, after: count() }));
  `;
  const { code, stdout, stderr } = await sandbox.command([process.execPath, "-e", program]);
  const { before, after } = await Bun.file(sandbox.path("counts.json")).json();
  expect(after).toEqual(before);
  expect(code).toBe(0);
  expect(stderr).not.toContain("MaxListeners");
  expect(stdout.match(/maxPoolSize/g)).toHaveLength(7);
});

/** What the program shows a person at a terminal. */
async function shown(sandbox: Sandbox, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn([...TELEPOOL, ...args], {
    cwd: sandbox.folder,
    env: sandbox.env({ TERM: "xterm", ...env }),
    terminal: { cols: 160, rows: 40, data: (_, data) => (text += decoder.decode(data, { stream: true })) },
  });
  await child.exited;
  child.terminal?.close();
  return text;
}

test("a terminal gets colours, a progress bar and tables; NO_COLOR and pipes get no escape", async () => {
  await using sandbox = await Sandbox.create();
  expect(await shown(sandbox, ["batch", "3000"])).toContain("3000 profiles");
  expect(await shown(sandbox, ["batch", "3000", "--quiet"])).not.toContain("\u001b");
  expect(await shown(sandbox, ["stats"])).toMatch(/^profiles +6000\r$/m);
  expect(await shown(sandbox, ["doctor"])).toContain("\u001b[32mok\u001b[39m");
  expect(await shown(sandbox, ["doctor"], { NO_COLOR: "1" })).not.toContain("\u001b");
  expect((await sandbox.run(["doctor"])).stdout).not.toContain("\u001b");
});
