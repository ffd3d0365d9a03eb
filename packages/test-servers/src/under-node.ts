/**
 * Runs a test file under Node: bundles it with all of the workspace, whose packages are TypeScript, and leaves out the
 * packages of the registry, which Node finds by itself.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** How a run of `node --test` ended. */
export interface NodeRun {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
  /** What Node printed, in TAP. */
  readonly output: string;
}

/**
 * Bundles `entry` into the package's folder for reports and runs it with `node --test`.
 *
 * @param external the packages that are not bundled
 */
export async function testUnderNode(
  entry: string,
  external: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<NodeRun> {
  const reports = join(dirname(entry), "..", "reports"); // inside of the package, where Node finds what it depends on
  mkdirSync(reports, { recursive: true });
  const folder = mkdtempSync(join(reports, "node-"));
  try {
    const bundle = join(folder, "bundle.test.mjs");
    const { outputs } = await Bun.build({
      entrypoints: [entry],
      target: "node",
      format: "esm",
      external: [...external],
    });
    const [output] = outputs;
    if (output === undefined) throw new Error(`${entry} was not bundled`);
    await Bun.write(bundle, output);
    return await runNode(bundle, env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runNode(file: string, env: Readonly<Record<string, string>>): Promise<NodeRun> {
  const child = Bun.spawn(["node", "--test", "--test-reporter=tap", file], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  const counted = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
  return { code, passed: counted("pass"), failed: counted("fail"), output: stdout + stderr };
}
