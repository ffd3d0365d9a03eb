/** Text that came from outside, made fit for a terminal: it can neither move the cursor nor forge a line. */

// C0 and C1 controls, DEL, the line and paragraph separators, and the marks that reverse the direction of text.
const UNFIT = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with every unfit character written as an escape such as `\u001b`. */
export function plainText(text: string): string {
  return text.replace(
    UNFIT,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** At most `width` columns of a terminal; what was cut off is shown by an ellipsis. */
export function shortened(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let short = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += Bun.stringWidth(segment);
    if (used > width - 1) break;
    short += segment;
  }
  return `${short}…`;
}
