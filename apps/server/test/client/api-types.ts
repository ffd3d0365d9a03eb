/**
 * The types of the client, made of the server's document by openapi-typescript. `pnpm client:types` writes them; a test
 * holds that they are what the document says now.
 */
import { join } from "node:path";
import { createPool } from "@telepool/core";
import openapiTypes, { astToString, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { createApp } from "../../src/create-app.ts";

export const API_TYPES: string = join(import.meta.dir, "../../src/client/api-types.ts");

const HEADER = `/**
 * What the server takes and answers, as TypeScript. Made of its OpenAPI document: change nothing here, but run
 * \`pnpm client:types\` in apps/server.
 */
`;

/** What TypeScript cannot call by its interface's name in what a user hands over: an interface is no index signature. */
const OBJECT_OF_INPUT = /^#\/components\/schemas\/\w+Input\/(profile|data)\b/;

/** The text of src/client/api-types.ts, as the document of today has it. */
export async function makeApiTypes(): Promise<string> {
  await using store = createPool("sqlite://:memory:");
  const document = await (await createApp({ store }).request("/openapi.json")).json();
  const nodes = await openapiTypes(forClients(document as OpenAPI3), {
    transform: ({ type }, { path = "" }) =>
      type === "object" && OBJECT_OF_INPUT.test(path)
        ? ts.factory.createKeywordTypeNode(ts.SyntaxKind.ObjectKeyword)
        : undefined,
  });
  return await formatted(HEADER + astToString(nodes));
}

/** Without what the client is not for: OTLP has its own senders, pages are for browsers, and lines go by `storeLines`. */
function forClients({ paths = {}, ...rest }: OpenAPI3): OpenAPI3 {
  const kept = Object.entries(paths).filter(([path]) => !path.startsWith("/v1/") && path !== "/docs");
  const told = JSON.parse(JSON.stringify(Object.fromEntries(kept)), (key, value) => {
    if (key === "requestBody") delete value.content["application/x-ndjson"];
    return key === "text/html" ? undefined : value;
  });
  return { ...rest, paths: told };
}

/** As the workspace's formatter would have it. */
async function formatted(text: string): Promise<string> {
  const biome = join(import.meta.dir, "../../../../node_modules/.bin/biome");
  const child = Bun.spawn([biome, "format", `--stdin-file-path=${API_TYPES}`], {
    cwd: join(import.meta.dir, "../../../.."),
    stdin: new Blob([text]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, out, errors] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  if (code !== 0) throw new Error(`biome cannot format the types: ${errors}`);
  return out;
}
