/**
 * `pnpm bench [flags]`: runs bench/src/main.ts through turbo, with the flags behind the `--` that turbo wants.
 * `pnpm bench -- --quick` and `pnpm bench --quick` mean the same.
 */
const given = process.argv.slice(2);
const flags = given[0] === "--" ? given.slice(1) : given;
const run = Bun.spawnSync(["turbo", "run", "bench", "--filter=@telepool/bench", "--log-prefix=none", "--", ...flags], {
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  stdio: ["inherit", "inherit", "inherit"],
});
process.exitCode = run.exitCode;
