import { defineConfig } from "tsdown";

// ESM, declarations and source maps into dist/, nothing bundled; publishConfig in package.json names the files.
export default defineConfig({
  entry: {
    index: "src/index.ts",
    "remote/index": "src/remote/index.ts",
    "sync/index": "src/sync/index.ts",
    "testing/index": "src/testing/index.ts",
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
