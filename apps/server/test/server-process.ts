/** The real server in a process of its own, and clients that remember what they were told. */
import { Database } from "bun:sqlite";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../src/main.ts");
const SMALL_QUEUE = join(import.meta.dir, "fixtures/small-queue-server.ts");

/** A server that listens. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Its first line on stdout. */
  readonly greeting: string;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number>;
  /** All that it has written to stderr, once it has ended. */
  stderr(): Promise<string>;
}

/** Runs the server to its end, for settings with which it cannot start. */
export async function runToEnd(env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn([MAIN], env);
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { code, stdout, stderr };
}

/** Starts the server on a free port and waits until it listens. */
export function startServer(path: string, settings: Record<string, string> = {}): Promise<ServerProcess> {
  return listening(spawn([MAIN], { TELEPOOL_DB_URL: `sqlite://${path}`, TELEPOOL_PORT: "0", ...settings }));
}

/** The same with a queue that is full at once. */
export function startServerWithSmallQueue(path: string): Promise<ServerProcess> {
  return listening(spawn([SMALL_QUEUE, path], {}));
}

async function listening(child: ReturnType<typeof spawn>): Promise<ServerProcess> {
  let greeting = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    greeting += chunk;
    if (greeting.includes("\n")) break;
  }
  const url = /http:\/\/\S+/.exec(greeting)?.[0];
  if (url === undefined) throw new Error(`the server did not start: ${greeting}${await child.stderr.text()}`);
  const { pid, exited } = child;
  const kill = (signal: NodeJS.Signals): void => child.kill(signal);
  return { url, pid, greeting: greeting.trim(), kill, exited, stderr: () => child.stderr.text() };
}

function spawn(program: readonly string[], env: Record<string, string>) {
  return Bun.spawn([process.execPath, ...program], {
    env: { PATH: process.env.PATH, ...env },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
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

/**
 * Clients that send profiles, until they have sent enough or the connection fails: one by one, as lists and as lines, in
 * turns of which each third is a list of two and each third three lines.
 */
export async function sendProfiles(url: string, { clients, requestsEach, after }: Crowd): Promise<Acknowledged> {
  const told: Acknowledged = { ids: [], refusals: [] };
  let called = false;
  const client = async (name: number): Promise<void> => {
    for (let turn = 0; turn < requestsEach; turn++) {
      const answer = await FORMS[turn % FORMS.length]?.(url, (part) => profileOf(name, turn, part));
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

/** A profile of a client's turn; its id is its own, so that lines, whose answer has no ids, can be found again. */
function profileOf(name: number, turn: number, part: number) {
  const id = `${RUN}-${profiles++}-${name}-${turn}-${part}`;
  return { id, session: `session-${name % 7}`, member: "m", document: "d.md", profile: { name, turn } };
}

const RUN = crypto.randomUUID();
let profiles = 0;

/** The three ways to send; each gives the ids that were acknowledged. */
const FORMS: readonly ((
  url: string,
  profile: (part: number) => ReturnType<typeof profileOf>,
) => Promise<{ status: number; ids: string[] } | undefined>)[] = [
  async (url, profile) => {
    const answer = await post(url, "application/json", JSON.stringify(profile(0)));
    return answer && { status: answer.status, ids: [answer.json.id] };
  },
  async (url, profile) => {
    const answer = await post(url, "application/json", JSON.stringify([profile(0), profile(1)]));
    return answer && { status: answer.status, ids: answer.json.ids };
  },
  async (url, profile) => {
    const rows = [profile(0), profile(1), profile(2)];
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    const answer = await post(url, "application/x-ndjson", lines);
    if (answer !== undefined && answer.status === 201 && answer.json.accepted !== rows.length) {
      throw new Error(`lines were lost: ${JSON.stringify(answer.json)}`);
    }
    return answer && { status: answer.status, ids: rows.map(({ id }) => id) };
  },
];

async function post(url: string, type: string, body: string) {
  try {
    const response = await fetch(`${url}/api/profiles`, { method: "POST", headers: { "content-type": type }, body });
    return { status: response.status, json: JSON.parse(await response.text()) };
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
