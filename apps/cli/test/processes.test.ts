import { expect, test } from "bun:test";
import type { Subprocess } from "bun";
import { Sandbox, TELEPOOL } from "./sandbox.ts";

type Child = Subprocess<"pipe", "pipe", "pipe">;

function start(sandbox: Sandbox, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const pipes = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
  return Bun.spawn([...TELEPOOL, ...args], { cwd: sandbox.folder, env: sandbox.env(env), ...pipes });
}

/** Starts a server on a free port; resolves when it listens. */
async function startServer(sandbox: Sandbox): Promise<{ server: Child; url: string }> {
  const server = start(sandbox, ["serve", "--port", "0"]);
  const { value } = await server.stdout.getReader().read();
  const url = /http:\/\/\S+/.exec(new TextDecoder().decode(value))?.[0];
  if (url === undefined) throw new Error(await server.stderr.text());
  return { server, url };
}

async function refusesConnections(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/healthz`);
    return false;
  } catch {
    return true;
  }
}

test("a server and two command lines write the same file at once, and nothing is lost", async () => {
  await using sandbox = await Sandbox.create();
  const { server, url } = await startServer(sandbox);
  const post = async (n: number): Promise<number> => {
    const body = JSON.stringify({ session: "http", profile: { n }, member: "http", document: "d" });
    const response = await fetch(`${url}/api/profiles`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    await response.arrayBuffer();
    return response.status;
  };
  const batches = ["one", "two"].map((member) =>
    sandbox.run(["batch", "3000", "--concurrency", "50", "--member", member]),
  );
  const statuses: number[] = [];
  for (let round = 0; round < 20; round++) {
    statuses.push(...(await Promise.all(Array.from({ length: 25 }, (_, n) => post(n)))));
  }
  for (const run of await Promise.all(batches)) expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(statuses.every((status) => status === 201)).toBe(true);
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(await server.stderr.text()).toBe("");
  const { database } = await sandbox.json(["stats"]);
  expect(database).toMatchObject({ profiles: 6500, sessions: 61 });
  expect((await sandbox.run(["export"])).stdout.split("\n")).toHaveLength(6501);
});

test("serve without flags is set up by its environment, stores, and ends in order", async () => {
  await using sandbox = await Sandbox.create();
  const server = start(sandbox, ["serve"], { TELEPOOL_PORT: "0", TELEPOOL_DB_URL: "sqlite://./plain.db" });
  const { value } = await server.stdout.getReader().read();
  const url = /http:\/\/\S+/.exec(new TextDecoder().decode(value))?.[0];
  const response = await fetch(`${url}/api/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"event_type": "start"}',
  });
  expect(response.status).toBe(201);
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(await Bun.file(sandbox.path("plain.db")).exists()).toBe(true);
  const wrong = await sandbox.run(["serve"], { env: { TELEPOOL_PRT: "1" } });
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toBe("telepool: TELEPOOL_PRT is not a setting; did you mean TELEPOOL_PORT?\n");
});

test("an interrupted import keeps what it has acknowledged, and ends with 130", async () => {
  await using sandbox = await Sandbox.create();
  const child = start(sandbox, ["import", "-"]);
  const row = '{"session":"s","profile":{},"member":"m","document":"d"}\n';
  child.stdin.write(`${row.repeat(1500)}not json\n`);
  await child.stdin.flush();
  const { value } = await child.stderr.getReader().read(); // the bad line is reported: the thousand before it are stored
  expect(new TextDecoder().decode(value)).toContain("line 1501");
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect((await sandbox.json(["stats"])).database.profiles).toBeGreaterThanOrEqual(1000);
});

test("a second Ctrl-C ends a server that still waits for a request", async () => {
  await using sandbox = await Sandbox.create();
  const { server, url } = await startServer(sandbox);
  const { hostname, port } = new URL(url);
  const socket = await Bun.connect({ hostname, port: Number(port), socket: { data() {} } });
  socket.write(
    "POST /api/profiles HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
  );
  await fetch(`${url}/healthz`); // by now the request before it is under way
  server.kill("SIGINT");
  while (!(await refusesConnections(url)));
  server.kill("SIGINT");
  expect(await server.exited).toBe(130);
  socket.end();
});

test("a port that is taken is an error that names it", async () => {
  await using sandbox = await Sandbox.create();
  const { server, url } = await startServer(sandbox);
  const run = await sandbox.run(["serve", "--port", new URL(url).port]);
  expect(run).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining("(ADDRESS_IN_USE)") });
  server.kill("SIGINT");
  expect(await server.exited).toBe(0);
});
