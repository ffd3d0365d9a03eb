import { defineConfig } from "tsdown";

// ESM, declarations and source maps into dist/, nothing bundled; publishConfig in package.json names the files.
export default defineConfig({
  entry: {
    index: "src/index.ts",
    env: "src/env.ts",
    "copy/copy-state": "src/copy/copy-state.ts",
    "parquet/index": "src/parquet/index.ts",
  },
  deps: { neverBundle: true },
  dts: { generator: "oxc", sourcemap: true },
  failOnWarn: true,
  fixedExtension: false,
  platform: "node",
  sourcemap: true,
  target: "esnext",
  tsconfig: "../../tsconfig.json",
});
