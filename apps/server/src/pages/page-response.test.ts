import { afterAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { createApp } from "../create-app.ts";
import { ASSETS } from "./page-files.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });

afterAll(() => store.close());

const BROWSER = { headers: { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" } };
const PAGES = ["/", "/docs"];

/** What a policy says about one thing: `'self' data:` for images. */
function allowed(response: Response, directive: string): string | undefined {
  const policy = response.headers.get("content-security-policy") ?? "";
  const entries = policy.split("; ").map((each): [string, string] => {
    const [name = "", ...sources] = each.split(" ");
    return [name, sources.join(" ")];
  });
  return new Map(entries).get(directive);
}

test("a browser gets the status as a page, a program as JSON", async () => {
  const page = await app.request("/", BROWSER);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("vary")).toBe("accept");
  expect(await page.text()).toStartWith("<!doctype html>");
  expect(await (await app.request("/")).json()).toMatchObject({ status: "ok" });
});

test.each(PAGES)("the page %s may load and call nothing but this server", async (path) => {
  const page = await app.request(path, BROWSER);
  expect(page.status).toBe(200);
  for (const directive of ["default-src", "frame-ancestors", "base-uri", "form-action"]) {
    expect(allowed(page, directive)).toBe("'none'");
  }
  expect(allowed(page, "script-src")).toBe("'self'");
  expect(allowed(page, "connect-src")).toBe("'self'");
  expect(allowed(page, "img-src")).toBe("'self' data:");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
});

test("only the documentation, which Swagger UI needs it for, may have styles inline", async () => {
  expect(allowed(await app.request("/", BROWSER), "style-src")).toBe("'self'");
  expect(allowed(await app.request("/docs"), "style-src")).toBe("'self' 'unsafe-inline'");
});

test("on the page that shows rows no text can become markup", async () => {
  const page = await app.request("/", BROWSER);
  expect(allowed(page, "require-trusted-types-for")).toBe("'script'");
  expect(allowed(page, "trusted-types")).toBe("'none'");
});

test.each(PAGES)("the page %s has neither scripts nor styles inline", async (path) => {
  const html = await (await app.request(path, BROWSER)).text();
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [script] of html.matchAll(/<script\b[^>]*>/g)) expect(script).toContain(' src="assets/');
});

test.each([...ASSETS.keys()])("/assets/%s is served with its type and may be kept", async (name) => {
  const types = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", svg: "image/svg+xml" };
  const response = await app.request(`/assets/${name}`);
  expect(response.status).toBe(200);
  expect(Object.entries(types).find(([ending]) => name.endsWith(`.${ending}`))?.[1]).toBe(
    response.headers.get("content-type") ?? "",
  );
  expect(response.headers.get("cache-control")).toBe("no-cache");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await response.bytes()).length).toBeGreaterThan(100);
});

test("every file that a page or a script of it names is served", async () => {
  const pages = await Promise.all(PAGES.map(async (path) => (await app.request(path, BROWSER)).text()));
  const inPages = pages.flatMap((html) => [...html.matchAll(/"assets\/([^"]+)"/g)].map(([, name]) => name));
  const own = [...ASSETS.keys()].filter((name) => name.endsWith(".js") && !name.startsWith("swagger-ui"));
  const scripts = await Promise.all(own.map(async (name) => (await app.request(`/assets/${name}`)).text()));
  const inScripts = scripts.flatMap((text) => [...text.matchAll(/from "\.\/([^"]+)"/g)].map(([, name]) => name));
  expect(new Set([...inPages, ...inScripts])).toEqual(new Set(ASSETS.keys()));
});

test("no page and no file of ours names another host", async () => {
  const assets = [...ASSETS.keys()].filter((name) => !name.startsWith("swagger-ui")).map((name) => `/assets/${name}`);
  for (const path of [...PAGES, ...assets]) {
    const text = await (await app.request(path, BROWSER)).text();
    const hosts = text.replaceAll('xmlns="http://www.w3.org/2000/svg"', "").match(/(?:https?:)?\/\/[\w-]+\.[\w.-]+/g);
    expect({ path, hosts }).toEqual({ path, hosts: null });
  }
});

test("Swagger UI's styles load nothing", async () => {
  const css = await (await app.request("/assets/swagger-ui.css")).text();
  const urls = [...css.matchAll(/url\(\s*["']?([^"')]{0,20})|@import/g)].map(([, url]) => url);
  expect(urls.length).toBeGreaterThan(0);
  expect(urls.filter((url) => !url?.startsWith("data:image/"))).toEqual([]);
});

test.each([...PAGES, "/assets/status.js", "/assets/swagger-ui-bundle.js"])(
  "%s that a browser has already is not sent again",
  async (path) => {
    const first = await app.request(path, BROWSER);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const ask = (known: string) => app.request(path, { headers: { ...BROWSER.headers, "if-none-match": known } });
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await ask(known);
      expect({ status: again.status, etag: again.headers.get("etag"), body: await again.text() }).toEqual({
        status: 304,
        etag,
        body: "",
      });
    }
    expect((await ask('"other"')).status).toBe(200);
  },
);

test.each([...PAGES, "/assets/status.css"])("HEAD %s answers like GET, without the body", async (path) => {
  const [get, head] = [await app.request(path, BROWSER), await app.request(path, { ...BROWSER, method: "HEAD" })];
  expect(head.status).toBe(200);
  for (const name of ["content-type", "etag", "content-security-policy", "cache-control"]) {
    expect(head.headers.get(name)).toBe(get.headers.get(name));
  }
  expect(await head.text()).toBe("");
});

test.each([
  "nothing.js",
  "status.html",
  "swagger-ui.js",
  "package.json",
  "..%2Fpage-files.ts",
  "%2e%2e%2fpage-files.ts",
  "..%5Cpage-files.ts",
  "%2Fetc%2Fpasswd",
  "client%2Fstatus.js",
  "status.js%00",
  "status.js/",
  "STATUS.JS",
  "__proto__",
  "constructor",
])("/assets/%s does not exist", async (name) => {
  const response = await app.request(`/assets/${name}`);
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
});

test("the folder of the files is not listed", async () => {
  for (const path of ["/assets", "/assets/", "/assets/../package.json"]) {
    expect((await app.request(path)).status).toBe(404);
  }
});

test("the files want no token, also where everything else does", async () => {
  const token = "0123456789abcdef";
  const guarded = createApp({ store, access: { tokens: [{ token, scopes: ["read"] }] } });
  expect((await guarded.request("/pool-stats")).status).toBe(401);
  for (const path of [...PAGES, "/openapi.json", "/assets/status.js"]) {
    expect((await guarded.request(path, BROWSER)).status).toBe(200);
  }
});
