import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProfileOptions, profileDocument } from "./profile-document.ts";

const GUIDE = `---
title: Guide
tags: [a, b]
---

# Guide

Read the [setup](./setup.md "How to"), the [FAQ](setup.md#faq) and [below](#usage).
A [lost page](lost.md), a [lost part](#nowhere), <https://example.org> and [site](/docs/x.md).

![logo](logo.svg) ![lost](lost.png) ![remote](https://example.org/a.png)

## Usage

| option | default |
|--------|---------|
| runs   | 5       |

\`\`\`ts
const link = "[no](link.md)";
\`\`\`

\`\`\`
plain
\`\`\`
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telepool-profile-"));
  await Bun.write(join(folder, "guide.md"), GUIDE);
  await Bun.write(join(folder, "setup.md"), "# Setup\n\n## FAQ\n");
  await Bun.write(join(folder, "logo.svg"), "<svg/>");
  await mkdir(join(folder, "docs"));
});

afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await Bun.write(file, content);
  return file;
}

test("a realistic document is measured in all its parts", async () => {
  const { parse, heapUsedBytes, ...facts } = await profileDocument(join(folder, "guide.md"), { runs: 3 });
  expect(facts).toEqual({
    bytes: Buffer.byteLength(GUIDE),
    lines: 25,
    words: 32,
    headings: { h1: 1, h2: 1, h3: 0, h4: 0, h5: 0, h6: 0 },
    links: { inner: 6, outer: 1, broken: { count: 2, targets: ["lost.md", "#nowhere"] } },
    codeBlocks: { ts: 1, none: 1 },
    tables: 1,
    images: { total: 3, broken: 1 },
  });
  expect(parse.runs).toBe(3);
  expect(parse.minMs).toBeGreaterThan(0);
  expect(parse.medianMs).toBeWithin(parse.minMs, parse.maxMs + Number.EPSILON);
  expect(heapUsedBytes).toBeGreaterThanOrEqual(0);
});

test("a profile survives JSON unchanged and is assignable to a JSON object", async () => {
  type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
  const profile: { [key: string]: JsonValue } = await profileDocument(join(folder, "guide.md"), { runs: 1 });
  expect(JSON.parse(JSON.stringify(profile))).toStrictEqual(profile);
});

test("five parses are timed by default", async () => {
  expect((await profileDocument(join(folder, "setup.md"))).parse.runs).toBe(5);
});

test("line ends of Windows and a byte order mark change the bytes and the size alone", async () => {
  const unix = await profileDocument(join(folder, "guide.md"), { runs: 1 });
  const windows = await profileDocument(await write("windows.md", `\uFEFF${GUIDE.replaceAll("\n", "\r\n")}`), {
    runs: 1,
  });
  expect(windows).toEqual({
    ...unix,
    bytes: unix.bytes + 3 + unix.lines,
    parse: windows.parse,
    heapUsedBytes: windows.heapUsedBytes,
  });
});

test("an empty file has nothing", async () => {
  const profile = await profileDocument(await write("empty.md", ""), { runs: 1 });
  expect(profile).toMatchObject({
    bytes: 0,
    lines: 0,
    words: 0,
    codeBlocks: {},
    tables: 0,
    links: { inner: 0, outer: 0 },
  });
});

test("invalid UTF-8 is replaced, and its bytes are still counted", async () => {
  const profile = await profileDocument(await write("invalid.md", Uint8Array.of(0x23, 0x20, 0xff, 0xfe, 0x41, 0x0a)), {
    runs: 1,
  });
  expect(profile).toMatchObject({ bytes: 6, lines: 1, words: 1, headings: { h1: 1 } });
});

test("a document of 10 MB is measured in full", async () => {
  const part = "# Part\n\nSome text, a [link](setup.md) and `code`.\n\n";
  const parts = Math.ceil(10_000_000 / part.length);
  const profile = await profileDocument(await write("large.md", part.repeat(parts)), { runs: 1 });
  expect(profile).toMatchObject({
    lines: 4 * parts,
    headings: { h1: parts },
    links: { inner: parts, broken: { count: 0 } },
  });
  expect(profile.heapUsedBytes).toBeGreaterThan(10_000_000);
});

test("absolute links are checked when a root is given", async () => {
  const profile = await profileDocument(join(folder, "guide.md"), { runs: 1, root: folder });
  expect(profile.links.broken.targets).toEqual(["lost.md", "#nowhere", "/docs/x.md"]);
});

describe("refusals", () => {
  test.each([
    ["gone.md", "does not exist"],
    ["docs", "is a folder"],
    ["setup.md/x.md", "cannot be read (ENOTDIR)"],
    ["a\0b.md", "cannot be read"],
    ["", "is a folder"],
  ])("%j is no document", async (name, reason) => {
    const profiling = profileDocument(join(folder, name));
    await expect(profiling).rejects.toMatchObject({ code: "INVALID_ARGUMENT", field: "file" });
    await expect(profiling).rejects.toThrow(reason);
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read says so (root may read every file)", async () => {
    const file = await write("secret.md", "");
    await chmod(file, 0);
    await expect(profileDocument(file)).rejects.toMatchObject({ code: "PERMISSION_DENIED", field: "file" });
  });

  test.each([
    ["runs", { runs: 0 }],
    ["runs", { runs: 1.5 }],
    ["runs", { runs: Number.NaN }],
    ["root", { root: "/does/not/exist" }],
    ["run", { run: 3 } as ProfileOptions], // what a caller in JavaScript may pass
  ])("the option %s is refused as %j", async (field, options) => {
    await expect(profileDocument(join(folder, "guide.md"), options)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      field,
    });
  });

  test("a signal that has fired ends the profiling", async () => {
    const profiling = profileDocument(join(folder, "guide.md"), { signal: AbortSignal.abort("enough") });
    await expect(profiling).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  });
});
