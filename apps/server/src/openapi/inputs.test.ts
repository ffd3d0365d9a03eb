/** Bodies by chance: what the schemas take the store takes, and what they refuse it refuses. */
import { afterAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import * as v from "valibot";
import { Documented } from "../../test/client/documented.ts";
import { bodyLike, Chance } from "../../test/client/seeded.ts";
import { createApp } from "../create-app.ts";
import { eventExample, profileExample } from "./examples.ts";
import { eventInput, profileInput } from "./shapes.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });
const documented = await Documented.of(app);

afterAll(() => store.close());

const BODIES = 4000;

/** What the store refuses and a schema cannot say, by the store's own words; each must turn up. */
const UNSAID = {
  "how deep an object nests": /^(profile|data)\S* nests deeper than 100 levels$/,
  "NUL inside of an object": /^(profile|data)\S* holds a NUL character/,
  "half a character inside of an object": /^(profile|data)\S* holds half of a surrogate pair/,
  "a name that JSON.stringify would call": /^(profile|data)\.toJSON is a name/,
} as const;

/** JSON Schema's patterns cannot be relied on for these; valibot's checks hold them. */
const UNSAID_BY_JSON_SCHEMA = {
  ...UNSAID,
  "NUL in a name": /^(id|session|member|document|event_type) holds a NUL character/,
  "half a character in a name": /^(id|session|member|document|event_type) holds half of a surrogate pair/,
} as const;

interface Told {
  readonly body: unknown;
  readonly status: number;
  readonly detail: string;
}

async function send(path: string, body: unknown): Promise<Told> {
  const headers = { "content-type": "application/json" };
  const response = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  const { detail = "" } = JSON.parse(await response.text());
  return { body, status: response.status, detail };
}

/** Where the schema and the store disagree: the reasons that are known, and the bodies of which none is. */
function disagreements(told: readonly Told[], takes: (body: unknown) => boolean, known: Record<string, RegExp>) {
  const reasons = new Set<string>();
  const unknown: Told[] = [];
  for (const one of told) {
    if (takes(one.body) === one.status < 300) continue;
    const reason = Object.entries(known).find(([, words]) => words.test(one.detail));
    if (reason === undefined) unknown.push(one);
    else reasons.add(reason[0]);
  }
  return { unknown: unknown.slice(0, 3), reasons: [...reasons].sort() };
}

const kinds = [
  { path: "/api/profiles", name: "ProfileInput", schema: profileInput, sample: profileExample, seed: 1 },
  { path: "/api/events", name: "EventInput", schema: eventInput, sample: eventExample, seed: 2 },
] as const;

for (const { path, name, schema, sample, seed } of kinds) {
  const chance = new Chance(seed);
  const bodies = Array.from({ length: BODIES }, () => bodyLike(sample, chance));
  const answers = Promise.all(bodies.map((body) => send(path, body)));

  test(`of ${BODIES} bodies for ${path} some are taken and the others refused`, async () => {
    const statuses = Map.groupBy(await answers, ({ status }) => status);
    expect([...statuses.keys()].sort()).toEqual([200, 201, 400]);
    expect(statuses.get(400)?.length).toBeGreaterThan(BODIES / 4);
    expect(statuses.get(400)?.length).toBeLessThan((BODIES * 3) / 4);
  });

  test(`${name} takes what the store takes, but for what is named`, async () => {
    const takes = (body: unknown) => v.is(schema, JSON.parse(JSON.stringify(body)));
    const { unknown, reasons } = disagreements(await answers, takes, UNSAID);
    expect(unknown).toEqual([]);
    expect(reasons).toEqual(Object.keys(UNSAID).sort());
  });

  test(`${name} in the document takes what the store takes, but for what is named`, async () => {
    const component = documented.raw.components.schemas[name] ?? {};
    const takes = (body: unknown) => documented.flaws(component, JSON.parse(JSON.stringify(body))).length === 0;
    const { unknown, reasons } = disagreements(await answers, takes, UNSAID_BY_JSON_SCHEMA);
    expect(unknown).toEqual([]);
    expect(reasons).toEqual(Object.keys(UNSAID_BY_JSON_SCHEMA).sort());
  });
}
