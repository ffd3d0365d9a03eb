/**
 * A real browser for tests: the Chromium or Chrome of this machine, with a profile of its own that ends with it. It reaches
 * no host but this machine, and whatever a page does wrong is noted: errors on its console, and requests to elsewhere.
 */
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const MACOS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** What is used of `bun:test`, which only a test file may import. */
interface BunTest {
  readonly describe: ((name: string, body: () => void) => void) & { skip(name: string, body: () => void): void };
  test(name: string, body: () => void): void;
}

/** A page, and what it did wrong so far. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** Where the browser is: what CHROME_PATH names, or a program of a usual name on PATH. */
function chromiumPath(): string | undefined {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => folder !== "");
  const paths = NAMES.flatMap((name) => [...folders, "/usr/bin"].map((folder) => join(folder, name)));
  return [...paths, ...MACOS].find(isExecutable);
}

/** `describe(name, body)` where there is a browser; elsewhere the group is skipped with the reason, and in CI it fails. */
export function describeInBrowser({ describe, test }: BunTest, name: string, body: () => void): void {
  const reason = `no ${NAMES.join(", ")} on PATH, and CHROME_PATH is not set`;
  if (chromiumPath() !== undefined) describe(name, body);
  else if (process.env.CI !== "true") describe.skip(`${name} (skipped: ${reason})`, body);
  else {
    describe(name, () => {
      test("has its browser", () => {
        throw new Error(reason);
      });
    });
  }
}

/** Starts the browser, in about half a second. What it writes beside its profile goes to a folder that ends with it. */
export async function startChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error("there is no browser");
  const home = mkdtempSync(join(tmpdir(), "telepool-browser-"));
  const env = { ...process.env, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
  const browser = await chromium.launch({ executablePath, args: FLAGS, env });
  browser.on("disconnected", () => rmSync(home, { recursive: true, force: true, maxRetries: 3 }));
  return browser;
}

/** Opens a page of the server at `origin`, as a visitor who has never been there. */
export async function visit(browser: Browser, origin: string, path: string): Promise<Visit> {
  const context = await browser.newContext();
  await context.clock.install(); // it goes as it does anyway, until a test moves it on
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "data:" && url.protocol !== "blob:") faults.push(`asked ${url}`);
  });
  await page.goto(origin + path);
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
