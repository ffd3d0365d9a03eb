/** The real server in a process of its own, and clients that remember what they were told. */
import { Database } from "bun:sqlite";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../src/main.ts");

/** A server that listens. */
export interface ServerProcess {
  readonly url: string;
  /** Its first line on stdout. */
  readonly greeting: string;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number>;
}

/** Runs the server to its end, for settings with which it cannot start. */
export async function runToEnd(env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(env);
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { code, stdout, stderr };
}

/** Starts the server on a free port and waits until it listens. */
export async function startServer(path: string): Promise<ServerProcess> {
  const child = spawn({ TELEPOOL_DB_URL: `sqlite://${path}`, TELEPOOL_PORT: "0" });
  let greeting = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    greeting += chunk;
    if (greeting.includes("\n")) break;
  }
  const url = /http:\/\/\S+/.exec(greeting)?.[0];
  if (url === undefined) throw new Error(`the server did not start: ${greeting}${await child.stderr.text()}`);
  return { url, greeting: greeting.trim(), kill: (signal) => child.kill(signal), exited: child.exited };
}

function spawn(env: Record<string, string>) {
  return Bun.spawn([process.execPath, MAIN], {
    env: { PATH: process.env.PATH, ...env },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
}

/** What a crowd of clients was told. */
export interface Acknowledged {
  readonly ids: string[];
  /** Statuses other than 201. */
  readonly refusals: number[];
}

/** How a crowd behaves. */
export interface Crowd {
  readonly clients: number;
  /** Each client stops by itself after so many requests. */
  readonly requestsEach: number;
  /** Called once, when this many rows have been acknowledged. */
  readonly after?: { readonly rows: number; readonly call: () => void };
}

/** Clients that send profiles, every third of them a list, until they have sent enough or the connection fails. */
export async function sendProfiles(url: string, { clients, requestsEach, after }: Crowd): Promise<Acknowledged> {
  const told: Acknowledged = { ids: [], refusals: [] };
  let called = false;
  const client = async (name: number): Promise<void> => {
    for (let turn = 0; turn < requestsEach; turn++) {
      const row = { session: `session-${name % 7}`, member: "m", document: "d.md", profile: { name, turn } };
      const answer = await post(url, turn % 3 === 2 ? [row, row] : row);
      if (answer === undefined) return;
      if (answer.status === 201) told.ids.push(...answer.ids);
      else told.refusals.push(answer.status);
      if (after === undefined || called || told.ids.length < after.rows) continue;
      called = true;
      after.call();
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, name) => client(name)));
  return told;
}

async function post(url: string, body: unknown): Promise<{ status: number; ids: string[] } | undefined> {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/api/profiles`, { method: "POST", headers, body: JSON.stringify(body) });
    const { id, ids } = JSON.parse(await response.text());
    return { status: response.status, ids: ids ?? [id] };
  } catch {
    return undefined; // the server is gone: nothing was acknowledged
  }
}

/** What a database file holds. */
export interface Stored {
  readonly ids: string[];
  /** Sessions whose `profile_count` is not the number of their profiles. */
  readonly miscounted: unknown[];
  /** What SQLite's own check says: `ok`. */
  readonly integrity: string | undefined;
}

/** Reads a database file without telepool. */
export function readDatabase(path: string): Stored {
  using database = new Database(path);
  const ids = database.query<{ id: string }, []>("select id from profiles").all();
  const miscounted = database
    .query(
      `select s.id from sessions s
       where s.profile_count <> (select count(*) from profiles p where p.session = s.id)`,
    )
    .all();
  const check = database.query<{ integrity_check: string }, []>("pragma integrity_check").get();
  return { ids: ids.map(({ id }) => id), miscounted, integrity: check?.integrity_check };
}
