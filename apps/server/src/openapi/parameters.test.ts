/** The rules that the document tells of query parameters are those that the server holds, at their edges. */
import { afterAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { Documented, type DocumentedOperation, type DocumentedParameter } from "../../test/client/documented.ts";
import { createApp } from "../create-app.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });
const documented = await Documented.of(app);

afterAll(() => store.close());

type Query = Readonly<Record<string, string>>;

/** What else an operation wants to be asked. */
const ALONG: Readonly<Record<string, Query>> = {
  queryPool: { member: "*" },
  pruneProfiles: { before: "0" },
  aggregateProfiles: { metric: "$.ms" },
  "aggregateProfiles bucket_ms": { metric: "$.ms", group_by: "time" },
  "aggregateProfiles group_by": { metric: "$.ms", bucket_ms: "1000" },
  "exportRows event_type": { kind: "events" },
};

interface Edges {
  readonly taken: readonly string[];
  readonly refused: readonly string[];
}

/** Whole numbers at the edges, and what is none. */
function numbers(least: number, most: number): Edges {
  return {
    taken: [String(least), String(most)],
    refused: [String(least - 1), String(BigInt(most) + 1n), "1.5", "x", ""],
  };
}

/** Values at the edges of what a schema says. */
function edges(schema: DocumentedParameter["schema"]): Edges {
  const { type, enum: words, minimum, maximum, minLength, maxLength } = schema;
  const whole = minimum === undefined ? { taken: [], refused: [] } : numbers(Number(minimum), Number(maximum));
  if (type === "integer") return whole;
  if (Array.isArray(type)) {
    const dates = ["2026-11-24", "2026-11-24T18:30Z", "2026-11-24T18:30:00.5+01:00"];
    const noDates = ["2026-13-01", "2026-11-24 18:30", "2026-11-24T18:30:00", "yesterday"];
    return { taken: [...whole.taken, ...dates], refused: [...whole.refused, ...noDates] };
  }
  if (Array.isArray(words)) return { taken: words, refused: ["other", ""] };
  const longest = Number(maxLength);
  const tooShort = minLength === 1 ? [""] : [];
  return { taken: ["x", "x".repeat(longest)], refused: ["x".repeat(longest + 1), ...tooShort] };
}

/** Whether the server objects to this parameter; what else is wrong does not matter. */
async function objects({ id, method, path }: DocumentedOperation, name: string, query: Query): Promise<boolean> {
  const response = await app.request(`${path}?${new URLSearchParams(query)}`, { method });
  if (response.status !== 400) {
    await response.body?.cancel();
    return false;
  }
  const { field } = JSON.parse(await response.text());
  if (field !== name && ALONG[`${id} ${name}`] === undefined) throw new Error(`${id} ${name}: it is ${field}`);
  return field === name;
}

for (const operation of documented.operations) {
  for (const { name, in: place, required = false, schema } of operation.parameters) {
    if (place !== "query") continue;
    const along = ALONG[`${operation.id} ${name}`] ?? ALONG[operation.id] ?? {};

    test(`${operation.id} takes ${name} as the document says`, async () => {
      const { taken, refused } = edges(schema);
      const asked = async (values: readonly string[]) => {
        const objections = await Promise.all(
          values.map((value) => objects(operation, name, { ...along, [name]: value })),
        );
        return values.filter((_, position) => objections[position]);
      };
      // A cursor comes from the server: what else it must be, no schema can say.
      if (name !== "cursor") expect(await asked(taken)).toEqual([]);
      expect(await asked(refused)).toEqual([...refused]);
      const { [name]: _, ...without } = ALONG[operation.id] ?? {};
      expect(await objects(operation, name, without)).toBe(required);
    });
  }
}
