import { expect, test } from "bun:test";
import { forForms } from "./docs-forms.js";

/** @param {readonly object[]} parameters */
function parametersFor(...parameters) {
  return forForms({ openapi: "3.1.0", paths: { "/a": { get: { parameters } } } }).paths["/a"].get.parameters;
}

test("an example is told, and not filled in", () => {
  const schema = { type: "string" };
  const parameter = { in: "query", name: "member", description: "Only of this member", example: "ada", schema };
  expect(parametersFor(parameter)).toEqual([
    { in: "query", name: "member", description: "Only of this member, such as `ada`", schema },
  ]);
});

test("a parameter that may be a number or a text is one or the other", () => {
  const [parameter] = parametersFor({ in: "query", name: "to", schema: { type: ["integer", "string"], pattern: "-" } });
  expect(parameter.schema).toEqual({
    anyOf: [
      { type: "integer", pattern: "-" },
      { type: "string", pattern: "-" },
    ],
  });
});

test("all else stays as it is", () => {
  const document = { openapi: "3.1.0", info: { title: "t" }, paths: { "/a": { get: { summary: "s" } } }, tags: [] };
  expect(forForms(document)).toEqual(document);
});
