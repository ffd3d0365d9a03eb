/** That what is said about deployment holds: the image's list of packages, the settings' table, the unit, the compose file. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const dockerfile = read("apps/server/Dockerfile");

test("the image installs by the manifests of all packages of the workspace, with the workspace's pnpm", () => {
  const manifests = [...new Bun.Glob("{packages,apps}/*/package.json").scanSync({ cwd: root }), "bench/package.json"];
  const copied = [...dockerfile.matchAll(/^COPY (\S+\/package\.json) /gm)].map(([, path]) => path ?? "");
  expect(copied.sort()).toEqual(manifests.sort());
  const { packageManager } = JSON.parse(read("package.json"));
  for (const [, pnpm] of dockerfile.matchAll(/npx -y (pnpm@\S+)/g)) expect(pnpm).toBe(packageManager);
});

test("the image runs the binary as a user without rights, and asks after its health", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  expect(last).toMatch(/^USER telepool$/m);
  expect(last).toMatch(/^ENTRYPOINT \["telepool"\]$/m);
  expect(last).toMatch(/^HEALTHCHECK .* CMD \[/m);
});

test("the image's health check says yes to a server that is ready, and no to one that is not", async () => {
  const { 1: list = "" } = /^HEALTHCHECK .* CMD (\[[\s\S]*?\])$/m.exec(dockerfile) ?? [];
  const [bash = "", option = "", script = ""]: string[] = JSON.parse(list.replaceAll("\\\n", ""));
  let status = 200;
  using server = Bun.serve({ port: 0, fetch: () => new Response(null, { status }) });
  const check = async () =>
    await Bun.spawn([bash, option, script.replace("/8081", `/${server.port}`)], { stderr: "ignore" }).exited;
  expect(await check()).toBe(0);
  status = 503;
  expect(await check()).not.toBe(0);
});

test("the page on operations has every variable that the server reads, and no other", () => {
  const variables = (text: string) => new Set(text.match(/TELEPOOL_[A-Z_]*[A-Z]/g));
  const page = read("docs/operations.md");
  const table = page.slice(page.indexOf("## Settings"), page.indexOf("## Tokens"));
  expect([...variables(table)].sort()).toEqual([...variables(read("apps/server/src/env.ts"))].sort());
});

test("the compose file is YAML, and its server waits for its database", () => {
  const { services } = Bun.YAML.parse(read("apps/server/deploy/compose.yaml")) as {
    services: Record<string, { depends_on?: object; healthcheck?: object }>;
  };
  expect(services.server?.depends_on).toEqual({ postgres: { condition: "service_healthy" } });
  expect(services.postgres?.healthcheck).toBeDefined();
});

// Without systemd's own program nobody can say whether systemd understands it.
test.skipIf(Bun.which("systemd-analyze") === null)("the unit is one that systemd understands", () => {
  const unit = join(root, "apps/server/deploy/telepool.service");
  const { stderr } = Bun.spawnSync(["systemd-analyze", "verify", "--man=no", unit]);
  const objections = stderr
    .toString()
    .split("\n")
    .filter((line) => line.includes("telepool.service"));
  // The binary is not installed where the tests run.
  expect(objections.filter((line) => !line.includes("is not executable"))).toEqual([]);
});
