import { expect, test } from "bun:test";
import { join } from "node:path";
import { R2_VARIABLES } from "@telepool/r2-sync/env";

test("docs/operations.md has every variable of the copy, and no other", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../../docs/operations.md")).text();
  const rows = [...page.matchAll(/^\| `(TELEPOOL_R2_\w+)` \|/gm)].map(([, name = ""]) => name);
  expect(rows.sort()).toEqual([...R2_VARIABLES].sort());
});
