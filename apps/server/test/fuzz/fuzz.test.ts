/**
 * Tens of thousands of requests over every route, from well-formed ones to noise: none is answered with 500, none hangs,
 * every answer is of a form that is documented, and the store is whole afterwards. TELEPOOL_FUZZ_SEED repeats a run;
 * TELEPOOL_FUZZ_REQUESTS sets how many there are.
 */
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { createApp } from "../../src/create-app.ts";
import { type FuzzRequest, fuzzRequest } from "./fuzz-request.ts";
import { Random } from "./random.ts";

const SEED = Number(process.env.TELEPOOL_FUZZ_SEED ?? 20_261_124);
const REQUESTS = Number(process.env.TELEPOOL_FUZZ_REQUESTS ?? 30_000);
const AT_ONCE = 16;

const EXPECTED: ReadonlySet<number> = new Set([200, 201, 204, 400, 401, 403, 404, 405, 408, 413, 415, 422, 501, 503]);

test(`${REQUESTS} requests of seed ${SEED} meet no error of the server`, async () => {
  const store = createPool("sqlite://:memory:");
  const logged: unknown[] = [];
  const app = createApp({ store, log: (entry) => logged.push(entry) });
  const { endpoints }: { endpoints: string[] } = JSON.parse(await (await app.request("/")).text());
  const random = new Random(SEED);
  const seen = new Map<string, number>();

  const send = async (): Promise<void> => {
    const endpoint = random.pick(endpoints);
    const request = fuzzRequest(random, endpoint);
    const status = await answerTo(app, request);
    seen.set(`${endpoint} ${status}`, (seen.get(`${endpoint} ${status}`) ?? 0) + 1);
    if (!EXPECTED.has(status)) throw new Error(`${status} to ${describe(request)}\n${JSON.stringify(logged.at(-1))}`);
  };
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, send));

  expect(logged).toEqual([]);
  for (const endpoint of endpoints) {
    const good = [...seen.keys()].some((key) => key.startsWith(`${endpoint} 20`));
    // Nothing is synced here, and no test knows the names of the pages' files.
    if (!endpoint.endsWith("/pool-sync") && !endpoint.includes(":name"))
      expect({ endpoint, good }).toEqual({ endpoint, good: true });
  }
  expect(await miscounted(store)).toEqual([]);
  await store.close();
});

async function answerTo(
  app: ReturnType<typeof createApp>,
  { method, path, headers, body }: FuzzRequest,
): Promise<number> {
  const init = body === undefined ? { method, headers } : { method, headers, body };
  const response = await app.request(path, init);
  const type = response.headers.get("content-type") ?? "";
  if (type === "text/event-stream") {
    await response.body?.cancel();
    return response.status;
  }
  const text = await response.text();
  if (response.status >= 400 && method !== "HEAD" && type === "application/problem+json") {
    const problem = JSON.parse(text);
    expect(problem).toMatchObject({ status: response.status, code: expect.stringMatching(/^[A-Z_]+$/) });
    expect(text).not.toMatch(/select |insert |SQLITE| at .*\.ts:/i);
  }
  const id = response.headers.get("x-request-id");
  const timing = response.headers.get("server-timing");
  expect({ method, path, status: response.status, id, timing }).toMatchObject({
    id: expect.stringMatching(/^[\w=-]{1,128}$/),
    timing: expect.stringMatching(/^((queue|pool|db);dur=\d+\.\d\d, ){0,3}total;dur=\d+\.\d\d$/),
  });
  return response.status;
}

/** The sessions whose count is not that of their profiles. */
async function miscounted(store: ReturnType<typeof createPool>): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, profileCount } of (await store.querySessions("*", { limit: 1000 })).items) {
    const counted = (await Array.fromAsync(store.profiles({ session: id }))).length;
    if (counted !== profileCount) wrong.push(id);
  }
  return wrong;
}

function describe({ method, path, headers, body }: FuzzRequest): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${body === undefined ? "" : Buffer.from(body).toString("base64").slice(0, 2000)}`;
}
