/** Query parameters: each at most once, and none that is not known, so that a misspelt one is not ignored. */
import { TelepoolError } from "@telepool/core";
import type { Context } from "hono";

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function readParameters<Name extends string>(
  c: Context,
  known: readonly Name[],
): Partial<Readonly<Record<Name, string>>> {
  const found: Partial<Record<Name, string>> = {};
  for (const [key, value] of new URL(c.req.url).searchParams) {
    const name = known.find((each) => each === key);
    if (name === undefined) throw invalid(key, `is not known; there are ${known.join(", ")}`);
    if (found[name] !== undefined) throw invalid(key, "must be given only once");
    found[name] = value;
  }
  return found;
}

function invalid(name: string, rule: string): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", `${name} ${rule}`, { field: name });
}
