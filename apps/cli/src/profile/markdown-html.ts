/**
 * Turns a file's bytes into the HTML that GitHub would show, by `Bun.markdown`.
 *
 * HTML and not `Bun.markdown.render`'s callbacks, because those pass targets as they stand in the source (`a&amp;b`,
 * `a\)b`), do not tell `<a@b.cc>` from `[a@b.cc](a@b.cc)`, and hand over raw HTML as text.
 * The tag filter keeps an unclosed `<script>` or `<textarea>` from swallowing the rest of the document.
 *
 * Limits of Bun 1.4.5, set against hostile documents: reference links end once their targets add up to 1 MB of HTML
 * (the rest is text), and a table of more than 128 columns is text.
 */

const PARSER: Bun.markdown.Options = { autolinks: true, tagFilter: true };

/** The text of a document: its byte order mark is dropped, and each invalid UTF-8 sequence becomes U+FFFD. */
export function decodeDocument(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/**
 * The text without its YAML front matter.
 *
 * Front matter is a block between `---` on the first line and the next `---` or `...`, empty or starting with a
 * `key:` or a comment; so that a document which merely opens with a thematic break keeps its text.
 */
export function withoutFrontMatter(text: string): string {
  const open = /^---[ \t]*(?:\r\n|\n|\r)/.exec(text);
  if (open === null) return text;
  const close = /^(?:---|\.\.\.)[ \t]*$/gm;
  close.lastIndex = open[0].length;
  const end = close.exec(text);
  if (end === null) return text;
  const yaml = text.slice(open[0].length, end.index).trim();
  if (yaml !== "" && !/^(?:#|[^\s:#][^:\r\n]*:(?:\s|$))/.test(yaml)) return text;
  return text.slice(end.index + end[0].length);
}

/** The HTML of Markdown without front matter. This alone is what `parse` in a profile measures. */
export function parseMarkdown(body: string): string {
  return Bun.markdown.html(body, PARSER);
}

/**
 * Escapes the definitions of footnotes, which Bun 1.4.5 does not know: it would read `[^1]: Word` as the definition of
 * a link to `Word`. Inside of code this changes the code's text, which no fact depends on.
 */
export function escapeFootnotes(body: string): string {
  return body.replace(/^( {0,3})(\[\^[^\]\r\n]{1,200}\]:)/gm, "$1\\$2");
}
