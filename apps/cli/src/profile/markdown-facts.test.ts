import { describe, expect, test } from "bun:test";
import { collectFacts, type MarkdownFacts } from "./markdown-facts.ts";
import { escapeFootnotes, parseMarkdown } from "./markdown-html.ts";

function factsOf(markdown: string): MarkdownFacts {
  return collectFacts(parseMarkdown(escapeFootnotes(markdown)));
}

describe("headings and anchors", () => {
  test("ATX, setext, nested and raw HTML headings count by level", () => {
    const facts = factsOf(
      "# A\n\nB\n===\n\nC\n---\n\n> ### D\n\n- #### E\n\n<h5 align=center>F</h5>\n\n###### G\n\n#not a heading\n",
    );
    expect(facts.headings).toEqual({ h1: 2, h2: 1, h3: 1, h4: 1, h5: 1, h6: 1 });
  });

  test("anchors are the slugs of GitHub, numbered when a heading repeats", () => {
    const facts = factsOf("# What's `new` & *hot*?\n\n## Größe 😄\n\n## Same\n\n## Same\n\n# ![logo](l.png) Name\n");
    expect([...facts.anchors]).toEqual(["whats-new--hot", "größe-", "same", "same-1", "-name"]);
  });

  test("an HTML id and a name of a link are anchors", () => {
    expect([...factsOf('<a name="Old"></a>\n\n<div id="here">x</div>\n').anchors]).toEqual(["old", "here"]);
  });

  test("a raw heading that is never closed ends at the next heading", () => {
    const facts = factsOf("<h2>open\n\n# next\n\ntext\n");
    expect(facts.headings).toMatchObject({ h1: 1, h2: 1 });
    expect(facts.anchors.has("next")).toBe(true);
  });
});

describe("links and images", () => {
  test("inline, reference, angle-bracket, titled, automatic and raw HTML links are found", () => {
    const markdown = `[a](a.md "title") [b](<b c.md> 'title') [d][ref] [ref] [ref][] <https://e.org> www.f.org g@h.org
<a href="i.md?x=1&amp;y=2">i</a>

[ref]: ./r\\_1.md (title)
`;
    const bare = [
      "a.md",
      "b%20c.md",
      "./r_1.md",
      "./r_1.md",
      "./r_1.md",
      "https://e.org",
      "http://www.f.org",
      "mailto:g@h.org",
    ];
    expect(factsOf(markdown).links).toEqual([...bare, "i.md?x=1&y=2"]);
  });

  test("links in code, in comments and behind a backslash are none", () => {
    const markdown =
      "`[a](a.md)` \\[b](b.md)\n\n```md\n[c](c.md)\n```\n\n    [d](d.md)\n\n<!-- [e](e.md) <a href=f.md> -->\n";
    expect(factsOf(markdown).links).toEqual([]);
  });

  test("an image inside a link is an image and not a second link", () => {
    const facts = factsOf('[![badge](b.svg)](https://c.org) <img src="d e.png">\n');
    expect(facts.links).toEqual(["https://c.org"]);
    expect(facts.images).toEqual(["b.svg", "d e.png"]);
  });

  test("a footnote is not a link, but its text may hold one", () => {
    expect(factsOf("Text[^1] and[^2].\n\n[^1]: Word\n[^2]: See [a](a.md)\n").links).toEqual(["a.md"]);
  });

  test.each(["script", "style", "textarea", "title", "xmp", "iframe", "noscript", "plaintext", "noembed", "noframes"])(
    "an unclosed <%s> in a paragraph does not swallow what follows",
    (tag) => {
      expect(factsOf(`text <${tag}> text\n\n[after](a.md)\n`).links).toEqual(["a.md"]);
    },
  );
});

describe("code and tables", () => {
  test("blocks of code count by language in lower case", () => {
    const markdown =
      "```ts title=x\n```\n\n~~~TS\n~~~\n\n```c++\n```\n\n```rust,ignore\n```\n\n```{.js}\n```\n\n```\n```\n\n    indented\n";
    expect(Object.fromEntries(factsOf(markdown).codeBlocks)).toEqual({ ts: 2, "c++": 1, rust: 1, js: 1, none: 2 });
  });

  test("names that are no safe key are counted as other", () => {
    const markdown = `\`\`\`__proto__\n\`\`\`\n\n\`\`\`$.a"b\n\`\`\`\n\n\`\`\`${"x".repeat(33)}\n\`\`\`\n`;
    expect(Object.fromEntries(factsOf(markdown).codeBlocks)).toEqual({ other: 3 });
  });

  test("from the 101st language on, all are counted as other", () => {
    const markdown = Array.from({ length: 150 }, (_, i) => `\`\`\`lang${i}\n\`\`\`\n`).join("\n");
    const { codeBlocks } = factsOf(markdown);
    expect(codeBlocks.size).toBe(101);
    expect(codeBlocks.get("other")).toBe(50);
  });

  test("tables count whether they are Markdown or HTML", () => {
    expect(factsOf("| a | b |\n|---|:-:|\n| 1 | 2 |\n\n<table><tr><td>x</td></tr></table>\n\na | b\n").tables).toBe(2);
  });
});
