import { expect, test } from "bun:test";
import { API_TYPES, makeApiTypes } from "../../test/client/api-types.ts";

test("the client's types are what the document says; if not, run `pnpm client:types`", async () => {
  expect(await Bun.file(API_TYPES).text()).toBe(await makeApiTypes());
});
