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

/**
 * The files of swagger-ui-dist are shipped with us: installing its package runs a script that tells its makers, which every
 * user of ours would have to allow or to refuse.
 */
const swaggerUiBesideUs = {
  name: "swagger-ui-beside-us",
  resolveId: {
    order: "pre" as const,
    filter: { id: /^swagger-ui-dist\// },
    handler: (source: string) => ({ id: source.replace("swagger-ui-dist", "./swagger-ui"), external: true }),
  },
};

const SWAGGER_UI_FILES = [
  "swagger-ui-bundle.js",
  "swagger-ui-bundle.js.LICENSE.txt",
  "swagger-ui.css",
  "LICENSE",
  "NOTICE",
];

// ESM, declarations and source maps into dist/, nothing bundled; publishConfig in package.json names the files.
export default defineConfig({
  entry: { index: "src/index.ts", main: "src/main.ts", client: "src/client/index.ts" },
  deps: { neverBundle: true },
  dts: { generator: "oxc", sourcemap: true },
  failOnWarn: true,
  fixedExtension: false,
  platform: "node",
  copy: SWAGGER_UI_FILES.map((file) => ({ from: `node_modules/swagger-ui-dist/${file}`, to: "dist/swagger-ui" })),
  plugins: [swaggerUiBesideUs, pagesAsText],
  sourcemap: true,
  target: "esnext",
  tsconfig: "../../tsconfig.json",
});
