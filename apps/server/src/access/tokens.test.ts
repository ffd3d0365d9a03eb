import { expect, test } from "bun:test";
import { TelepoolError } from "@telepool/core";
import { findToken, parseTokens, tokensFromText } from "./tokens.ts";

const SECRET = "s3cr3t-s3cr3t-s3cr3t";
const OTHER = "0ther-s3cr3t-0ther-s3cr3t";

function messageOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof TelepoolError) return error.message;
  }
  throw new Error("nothing was refused");
}

test("a token is found by its secret, and by the digest that a file has in its place", () => {
  const sha256 = new Bun.CryptoHasher("sha256").update(OTHER).digest("hex");
  const tokens = parseTokens(
    [
      { token: SECRET, scopes: ["ingest"] },
      { name: "dashboard", sha256, scopes: ["read"], requestsPerSecond: 2 },
    ],
    "x",
  );
  expect(findToken(tokens, SECRET)).toMatchObject({ name: "token 1", scopes: new Set(["ingest"]) });
  expect(findToken(tokens, OTHER)).toMatchObject({ name: "dashboard", requestsPerSecond: 2 });
  expect(findToken(tokens, sha256)).toBeUndefined();
  expect(findToken(tokens, `${SECRET}x`)).toBeUndefined();
  expect(findToken(tokens, "")).toBeUndefined();
});

test("a line of tokens has scopes and a secret in each entry", () => {
  expect(tokensFromText(`ingest:${SECRET}, read+admin:${OTHER}`, "X")).toEqual([
    { token: SECRET, scopes: ["ingest"] },
    { token: OTHER, scopes: ["read", "admin"] },
  ]);
});

for (const line of [SECRET, `write:${SECRET}`, `ingest:${SECRET}:x`, "", `ingest:${SECRET},`, `ingest+:${SECRET}`]) {
  test(`the line ${JSON.stringify(line.replaceAll(SECRET, "…"))} is refused without a word of a secret`, () => {
    const message = messageOf(() => tokensFromText(line, "TELEPOOL_TOKENS"));
    expect(message).toStartWith("TELEPOOL_TOKENS entry ");
    expect(message).not.toContain(SECRET);
  });
}

const refused: [what: string, tokens: unknown, message: string][] = [
  ["a short secret", [{ token: "short", scopes: ["read"] }], "x.tokens.0.token: must have 16 to 512 characters"],
  ["a secret with a blank", [{ token: `${SECRET} x`, scopes: ["read"] }], "x.tokens.0.token: must have 16"],
  ["no scopes", [{ token: SECRET, scopes: [] }], "x.tokens.0.scopes: must not be empty"],
  ["an unknown scope", [{ token: SECRET, scopes: ["write"] }], "must be one of ingest, read, admin"],
  ["an unknown field", [{ token: SECRET, scopes: ["read"], scope: "read" }], "is not an option; did you mean scopes?"],
  ["neither secret nor digest", [{ scopes: ["read"] }], "x.tokens.0 must have one of token and sha256"],
  ["half a digest", [{ sha256: "abc", scopes: ["read"] }], "must have 64 hexadecimal digits"],
  ["no rate at all", [{ token: SECRET, scopes: ["read"], requestsPerSecond: 0 }], "must be over 0"],
  [
    "the same secret twice",
    [
      { token: SECRET, scopes: ["read"] },
      { token: SECRET, scopes: ["admin"] },
    ],
    "x.tokens.1 is the same secret as another token",
  ],
  [
    "the same name twice",
    [
      { name: "a", token: SECRET, scopes: ["read"] },
      { name: "a", token: OTHER, scopes: ["admin"] },
    ],
    "x.tokens.1.name must not occur twice",
  ],
];

for (const [what, tokens, expected] of refused) {
  test(`${what} is refused without a word of a secret`, () => {
    const message = messageOf(() => parseTokens(tokens, "x"));
    expect(message).toContain(expected);
    expect(message).not.toContain(SECRET);
  });
}
