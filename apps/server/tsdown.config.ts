import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineConfig } from "tsdown";

/** What Bun does with `import … with { type: "text" }`, for the files of the pages: the text becomes part of the module. */
const pagesAsText = {
  name: "pages-as-text",
  resolveId: {
    filter: { id: /^\.\/client\/.+\.(?:css|html|js|svg)$/ },
    handler: (source: string, importer?: string) => `${join(dirname(importer ?? ""), source)}?text`,
  },
  load: {
    filter: { id: /\?text$/ },
    async handler(id: string) {
      const text = await readFile(id.slice(0, -"?text".length), "utf8");
      return { code: `export default ${JSON.stringify(text)};`, moduleType: "js" as const };
    },
  },
};

// ESM, declarations and source maps into dist/, nothing bundled; publishConfig in package.json names the files.
export default defineConfig({
  entry: { index: "src/index.ts", main: "src/main.ts", client: "src/client/index.ts" },
  deps: { neverBundle: true },
  dts: { generator: "oxc", sourcemap: true },
  failOnWarn: true,
  fixedExtension: false,
  platform: "node",
  plugins: [pagesAsText],
  sourcemap: true,
  target: "esnext",
  tsconfig: "../../tsconfig.json",
});
