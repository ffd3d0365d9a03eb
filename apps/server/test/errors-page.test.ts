import { expect, test } from "bun:test";
import { join } from "node:path";
import { ANSWERS } from "../src/http/problem.ts";

test("docs/errors.md names every code with the status that the server answers", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../../docs/errors.md")).text();
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|.*\| (\d{3}) \|$/gm)];
  const documented = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
  expect(documented).toEqual(Object.fromEntries(Object.entries(ANSWERS).map(([code, { status }]) => [code, status])));
});
