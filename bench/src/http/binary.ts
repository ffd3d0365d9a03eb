/** The executable with the server in it, as `pnpm build:binary` makes it. */
import { join } from "node:path";

const BUILD = join(import.meta.dir, "../../../scripts/build-binary.ts");

/**
 * Builds it, and has the operating system forget what it has of the file in memory: a file that was just written is mapped
 * in larger pieces than one that is read from the disk, so that a process of it seems to be 6 MB larger until the machine is
 * restarted.
 */
export async function buildBinary(file: string): Promise<void> {
  await run(process.execPath, BUILD, file);
  await run("sync", file);
  await run("dd", `if=${file}`, "iflag=nocache", "count=0", "status=none");
}

async function run(...command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "pipe" });
  const [code, stderr] = await Promise.all([child.exited, child.stderr.text()]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}`);
}
