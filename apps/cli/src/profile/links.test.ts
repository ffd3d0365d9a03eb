import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classifyLink, LinkChecker } from "./links.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telepool-links-"));
  await mkdir(join(folder, "docs", "sub"), { recursive: true });
  await Bun.write(join(folder, "docs", "own.md"), "# Own\n");
  await Bun.write(join(folder, "docs", "größe & co.md"), "---\ntitle: Hidden\n---\r\n# Über Uns\r\n");
  await Bun.write(join(folder, "docs", "100%.md"), "");
  await Bun.write(join(folder, "docs", "code.ts"), "");
  await Bun.write(join(folder, "top.md"), "# Top Level\n");
});

afterAll(() => rm(folder, { recursive: true }));

function checker(root?: string): LinkChecker {
  return new LinkChecker({ file: join(folder, "docs", "own.md"), anchors: new Set(["own"]), root, signal: undefined });
}

async function brokenOf(hrefs: readonly string[], root?: string): Promise<string[]> {
  return (await checker(root).countLinks(hrefs)).broken.targets;
}

describe("classifying", () => {
  test.each(["https://a.org", "HTTP://a.org", "//a.org/x", "mailto:a@b.org", "data:image/png;base64,AA"])(
    "%s leads out",
    (href) => {
      expect(classifyLink(href)).toEqual({ kind: "outer" });
    },
  );

  test.each([
    ["a.md", "a.md", ""],
    ["#a%20b", "", "a b"],
    ["a%20b.md?plain=1#L%C3%A4nge", "a b.md", "Länge"],
    ["?x=1#y", "", "y"],
    ["100%.md", "100%.md", ""],
    ["what%3F.md#a#b", "what?.md", "a#b"],
    ["", "", ""],
    ["a/b:c.md", "a/b:c.md", ""],
  ])("%j is inner, decoded and without its query", (href, path, anchor) => {
    expect(classifyLink(href)).toEqual({ kind: "inner", path, anchor });
  });
});

describe("checking links", () => {
  test("files, folders, anchors in any case and the start of a page are sound", async () => {
    const sound = [
      "own.md",
      "sub",
      "sub/",
      "../top.md#top-level",
      "gr%C3%B6%C3%9Fe%20&%20co.md#%C3%9Cber-uns",
      "100%.md",
      "code.ts#L1",
    ];
    expect(await brokenOf([...sound, "#own", "#OWN", "own.md#own", "#", "#top", "", "sub#x", "code.ts?raw=1"])).toEqual(
      [],
    );
  });

  test("absent files and absent anchors are broken", async () => {
    const broken = [
      "gone.md",
      "own.md/",
      "#gone",
      "own.md#gone",
      "../top.md#own",
      "gone/",
      "größe & co.md#hidden",
      "a%00b.md",
      "x".repeat(300),
    ];
    expect(await brokenOf(broken)).toEqual(broken);
  });

  test("every occurrence counts, and each target is listed once", async () => {
    const links = await checker().countLinks(["gone.md", "own.md", "gone.md", "https://a.org", "https://a.org"]);
    expect(links).toEqual({ inner: 3, outer: 2, broken: { count: 2, targets: ["gone.md"] } });
  });

  test("the list ends at 100 targets of 512 characters, the count does not", async () => {
    const { broken } = await checker().countLinks(Array.from({ length: 150 }, (_, i) => `${i}${"x".repeat(600)}`));
    expect(broken.count).toBe(150);
    expect(broken.targets.map((target) => target.length)).toEqual(Array.from({ length: 100 }, () => 512));
  });

  test("listed targets are decoded, but never hold a control character", async () => {
    expect(await brokenOf(["%C3%9C%20b.md", "a%00b.md", "a\tb.md", "50%.md"])).toEqual([
      "Ü b.md",
      "a%00b.md",
      "a%09b.md",
      "50%.md",
    ]);
  });

  test("absolute links are checked under the root only, which they cannot leave", async () => {
    expect(await brokenOf(["/gone.md", "/docs/own.md#gone"])).toEqual([]);
    expect(
      await brokenOf(["/top.md#top-level", "/../top.md", "/docs/", "/gone.md", "/docs/own.md#gone"], folder),
    ).toEqual(["/gone.md", "/docs/own.md#gone"]);
  });

  test("an abort ends the checking", async () => {
    const aborted = new LinkChecker({
      file: join(folder, "own.md"),
      anchors: new Set(),
      root: undefined,
      signal: AbortSignal.abort(),
    });
    await expect(aborted.countLinks(["a.md"])).rejects.toMatchObject({ code: "ABORTED" });
  });
});

test("an image is broken when its source is absent, a folder or empty", async () => {
  const images = await checker().countImages([
    "code.ts",
    "code.ts?x#y",
    "sub",
    "gone.png",
    "gone.png",
    "",
    "https://a.org/b.png",
    "/c.png",
  ]);
  expect(images).toEqual({ total: 8, broken: 4 });
});
