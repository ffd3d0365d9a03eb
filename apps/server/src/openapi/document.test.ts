import { afterAll, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { createPool } from "@telepool/core";
import { Documented, type DocumentedOperation } from "../../test/client/documented.ts";
import { createApp } from "../create-app.ts";
import { OPERATIONS, PARAMETERS } from "./operations.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });
const documented = await Documented.of(app);
const { raw, operations } = documented;

afterAll(() => store.close());

/** What `of` says of every operation that it says anything of. */
function told<T>(of: (operation: DocumentedOperation) => T | undefined): [id: string, T][] {
  return operations.flatMap((operation) => {
    const said = of(operation);
    return said === undefined ? [] : [[operation.id, said]];
  });
}

test("the document is OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(raw) as unknown as Record<string, unknown>);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(raw.openapi).toBe("3.1.0");
});

test("every route is in the document, and nothing else is", async () => {
  const { endpoints, version } = JSON.parse(await (await app.request("/")).text());
  const routes = endpoints.map((endpoint: string) => endpoint.replaceAll(/:(\w+)/g, "{$1}"));
  const hidden = ["GET /assets/{name}"];
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    routes.filter((route: string) => !hidden.includes(route)).sort(),
  );
  expect(raw.info.version).toBe(version);
});

test("every operation has the name that is written down for it, and no two have the same", () => {
  const names = operations.map(({ method, path, id }) => [`${method} ${path}`, id]);
  const written = Object.entries(OPERATIONS).map(([route, { id }]) => [route, id]);
  expect(names.sort()).toEqual(written.sort());
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

test("every operation has a summary and one of the tags, and every tag its words and an operation", () => {
  expect(told(({ summary }) => (summary === "" ? summary : undefined))).toEqual([]);
  expect(told(({ tags }) => (tags.length === 1 ? undefined : tags))).toEqual([]);
  const used = new Set(operations.flatMap(({ tags }) => tags));
  expect([...used].sort()).toEqual(raw.tags.map(({ name }) => name).sort());
  expect(raw.tags.filter(({ description }) => description.length < 20)).toEqual([]);
});

test("every parameter has its words, and no words are left over", () => {
  const parameters = operations.flatMap(({ parameters: own }) => own);
  expect(parameters.filter(({ description }) => description === undefined)).toEqual([]);
  const names = new Set(parameters.map(({ name }) => name));
  expect(Object.keys(PARAMETERS).filter((name) => !names.has(name))).toEqual([]);
  const stray = Object.entries(OPERATIONS).flatMap(([route, { id, parameters: own = {} }]) => {
    const known = documented.operation(id).parameters.map(({ name }) => name);
    return Object.keys(own).flatMap((name) => (known.includes(name) ? [] : [`${route} ${name}`]));
  });
  expect(stray).toEqual([]);
});

test("the examples are as their schemas say", () => {
  const ofParameters = operations.flatMap(({ id, parameters }) =>
    parameters.flatMap(({ name, schema, example }) =>
      example === undefined ? [] : documented.flaws(schema, example).map((flaw) => `${id} ${name}: ${flaw}`),
    ),
  );
  const ofBodies = operations.flatMap(({ id, body, answers }) =>
    [body, ...Object.values(answers)].flatMap((types) =>
      Object.values(types).flatMap(({ schema, examples = {} }) =>
        Object.entries(examples).flatMap(([name, { value }]) =>
          documented.flaws(schema, value).map((flaw) => `${id} ${name}: ${flaw}`),
        ),
      ),
    ),
  );
  const ofSchemas = Object.entries(raw.components.schemas).flatMap(([name, schema]) =>
    ((schema.examples ?? []) as unknown[]).flatMap((example) =>
      documented.flaws(schema, example).map((flaw) => `${name}: ${flaw}`),
    ),
  );
  expect([...ofParameters, ...ofBodies, ...ofSchemas]).toEqual([]);
});

test("every component is referred to", () => {
  const text = JSON.stringify(raw);
  const names = ["schemas", "responses"].flatMap((kind) =>
    Object.keys(raw.components[kind as "schemas" | "responses"]).map((name) => `#/components/${kind}/${name}`),
  );
  expect(names.filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});
