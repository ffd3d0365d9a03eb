/** The server's pages in a real browser, against a real server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import type { Browser, Page } from "playwright-core";
import type { TokenOptions } from "../../src/access/tokens.ts";
import { type RunningServer, serve } from "../../src/serving/serve.ts";
import { FakeSync, IDLE } from "../fake-sync.ts";
import { describeInBrowser, startChromium, visit } from "./chromium.ts";

/** How often the page asks. */
const POLL_MS = 3000;
const READER = "reader-0123456789";
const SENDER = "sender-0123456789";
const TOKENS: TokenOptions[] = [
  { name: "reader", token: READER, scopes: ["read"] },
  { name: "sender", token: SENDER, scopes: ["ingest"] },
];
const REFUSED = "Failed to load resource: the server responded with a status of";

describeInBrowser({ describe, test }, "in a browser", () => {
  let browser: Browser;
  let server: RunningServer | undefined;

  beforeAll(async () => {
    browser = await startChromium();
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  afterAll(() => browser.close());

  async function start(tokens: readonly TokenOptions[] = []): Promise<RunningServer> {
    server = await serve({ port: 0, dbUrl: "sqlite://:memory:", tokens, log: () => {} });
    return server;
  }

  test("the status page shows how the server is", async () => {
    const { url } = await start();
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    await page.getByText("Running · sqlite").waitFor();
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(await page.title()).toBe("telepool");
    expect(await page.locator("#figures dt").allTextContents()).toEqual([
      "Operations",
      "Rows stored",
      "Rows queued",
      "Connections in use",
    ]);
    expect(await page.getByRole("row", { name: "write 0 of 1" }).isVisible()).toBe(true);
    expect(await page.getByText("No session yet.").isVisible()).toBe(true);
    const links = page.getByRole("navigation").getByRole("link");
    expect(await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")))).toEqual([
      "docs",
      "openapi.json",
      "metrics",
    ]);
    expect(visitor.faults).toEqual([]);
  });

  test("a profile and an event appear on it as they are stored, and the figures follow", async () => {
    const { url } = await start();
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    await page.getByText("Connected", { exact: true }).waitFor();
    await post(url, "profiles", { session: "s-1", member: "ada", document: "a.md", profile: { latencyMs: 2.5 } });
    const row = page.locator("details", { hasText: "a.md" });
    await row.waitFor();
    expect(await row.locator("summary").textContent()).toContain('{"latencyMs":2.5}');
    expect(await row.locator(".origin").textContent()).toBe("ada · s-1");
    await row.locator("summary").click();
    await row.locator("pre", { hasText: '"latencyMs": 2.5' }).waitFor();

    await post(url, "events", { event_type: "deploy", data: { version: 3 } });
    await page.locator("details", { hasText: "deploy" }).waitFor();
    expect(await page.locator("details").first().textContent()).toContain("deploy");

    await page.clock.fastForward(POLL_MS);
    await page.getByRole("row", { name: "s-1 ada 1" }).waitFor();
    await page.getByText("1 profiles, 1 events").waitFor();
    expect(visitor.faults).toEqual([]);
  });

  test("how the copy stands is one line, where there is one", async () => {
    const sync = new FakeSync();
    sync.current = {
      ...IDLE,
      state: "failing",
      pendingRows: 12,
      lastError: { code: "STORAGE_UNREACHABLE", message: "nobody answers", at: 1 },
    };
    await using store = createPool("sqlite://:memory:", { sync });
    server = await serve({ port: 0, store, log: () => {} });
    await using visitor = await visit(browser, server.url, "/");
    const { page } = visitor;
    await page.getByText("Copy in R2: failing (STORAGE_UNREACHABLE), 12 rows to be copied").waitFor();
    sync.current = IDLE;
    await page.clock.fastForward(POLL_MS);
    await page.getByText("Copy in R2: idle, 0 rows to be copied").waitFor();
    expect(visitor.faults).toEqual([]);
  });

  test("what a row holds is shown as text, never as markup", async () => {
    const { url } = await start();
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    await page.getByText("Connected", { exact: true }).waitFor();
    const evil = `<img src=x onerror="document.title='broken in'">`;
    const row = { session: evil, member: evil, document: evil, profile: { [evil]: evil } };
    await post(url, "profiles", row);
    await page.locator("details .subject", { hasText: evil }).waitFor();
    await page.locator("details summary").click();
    await page.locator("details pre", { hasText: JSON.stringify(evil) }).waitFor();
    await page.clock.fastForward(POLL_MS);
    await page.locator("#sessions .clip", { hasText: evil }).first().waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).toBe("telepool");
    expect(visitor.faults).toEqual([]);
  });

  test("a paused list holds the rows back and tells how many there are", async () => {
    const { url } = await start();
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    await page.getByText("Connected", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    const rows = Array.from({ length: 250 }, (_, turn) => ({ event_type: `event-${turn}` }));
    await post(url, "events", rows);
    await page.getByRole("button", { name: "Resume (250 new)" }).click();
    await page.locator("details", { hasText: "event-249" }).waitFor();
    expect(await page.locator("details").count()).toBe(100);
    expect(await page.locator("details .subject").first().textContent()).toBe("event-249");
    expect(await page.locator("details .subject").last().textContent()).toBe("event-150");
    expect(visitor.faults).toEqual([]);
  });

  test("where tokens are wanted, the page asks for one, and works with it", async () => {
    const { url } = await start(TOKENS);
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    const field = page.getByLabel("Token with the scope read");
    await field.waitFor();
    expect(await page.getByText("Running · sqlite").isVisible()).toBe(true);
    expect(await page.locator("#content").isVisible()).toBe(false);

    await signIn(page, "nobody-0123456789");
    await page.getByText("The server does not know this token.").waitFor();
    await signIn(page, SENDER);
    await page.getByText('the token "sender" has no scope "read"').waitFor();
    expect(visitor.faults).toEqual([
      `${REFUSED} 401 (Unauthorized)`,
      `${REFUSED} 401 (Unauthorized)`,
      `${REFUSED} 403 (Forbidden)`,
    ]);

    await signIn(page, READER);
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(await field.isVisible()).toBe(false);
    await post(url, "profiles", { session: "s-1", member: "ada", document: "a.md", profile: {} }, SENDER);
    await page.locator("details", { hasText: "a.md" }).waitFor();

    await page.reload();
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(await keptByBrowser(page)).toEqual({ local: [], session: [READER], cookies: "" });
    await page.getByRole("button", { name: "Forget the token" }).click();
    await field.waitFor();
    expect(await keptByBrowser(page)).toEqual({ local: [], session: [], cookies: "" });
    expect(visitor.faults.length).toBe(4); // it asked once more, without a token
  });

  test("the metrics and the documentation are shown with the token of the tab", async () => {
    const { url } = await start(TOKENS);
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    await signIn(page, READER);
    await page.getByText("Connected", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Metrics" }).click();
    await page.getByText("# TYPE").first().waitFor();
    await page.goto(`${url}/docs`);
    expect(await tryToListProfiles(page)).toBe("200");
    expect(visitor.faults).toEqual([`${REFUSED} 401 (Unauthorized)`]);
  });

  test("a tail that has fallen silent is opened again, and no row is left out or shown twice", async () => {
    const { url } = await start();
    await using visitor = await visit(browser, url, "/");
    const { page } = visitor;
    await page.getByText("Connected", { exact: true }).waitFor();
    await post(url, "events", { event_type: "before" });
    await page.locator("details", { hasText: "before" }).waitFor();
    await page.clock.fastForward(30_000);
    await page.getByText("Connecting again…").waitFor();
    await post(url, "events", { event_type: "meanwhile" });
    await page.clock.fastForward(2000);
    await page.getByText("Connected", { exact: true }).waitFor();
    await post(url, "events", { event_type: "after" });
    await page.locator("details", { hasText: "after" }).waitFor();
    expect(await page.locator("details .subject").allTextContents()).toEqual(["after", "meanwhile", "before"]);
    expect(visitor.faults).toEqual([]);
  });

  test("the page tells when the server is gone", async () => {
    const running = await start();
    await using visitor = await visit(browser, running.url, "/");
    const { page } = visitor;
    await page.getByText("Connected", { exact: true }).waitFor();
    await running.close();
    await page.getByText("Connecting again…").waitFor();
    await page.clock.fastForward(POLL_MS);
    await page.getByText("Server unreachable").waitFor();
    expect(await page.title()).toBe("Server unreachable · telepool");
  });

  test("the documentation shows every operation, and one can be tried", async () => {
    const { url } = await start();
    await using visitor = await visit(browser, url, "/docs");
    const { page } = visitor;
    await page.locator(".opblock").first().waitFor();
    const document = JSON.parse(await (await fetch(`${url}/openapi.json`)).text());
    const operations = Object.values<object>(document.paths).flatMap((path) => Object.keys(path));
    expect(await page.locator(".opblock").count()).toBe(operations.length);
    expect(await tryToListProfiles(page)).toBe("200");
    expect(visitor.faults).toEqual([]);
  });
});

async function post(url: string, table: "profiles" | "events", body: unknown, token?: string): Promise<void> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`${url}/api/${table}`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(201);
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token with the scope read").fill(token);
  await page.getByRole("button", { name: "Continue" }).click();
}

/** Everything that the browser has kept of this server. */
async function keptByBrowser(page: Page): Promise<unknown> {
  const kept =
    "({ local: Object.values(localStorage), session: Object.values(sessionStorage), cookies: document.cookie })";
  return await page.evaluate(kept);
}

/** What is answered when "Try it out" is used on `GET /api/profiles`. */
async function tryToListProfiles(page: Page): Promise<string | null> {
  const operation = page.locator(".opblock-get", { has: page.locator('[data-path="/api/profiles"]') });
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  await operation.getByRole("button", { name: "Execute" }).click();
  return await operation.locator(".live-responses-table .response-col_status").last().textContent();
}
