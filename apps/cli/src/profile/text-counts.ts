/** Counts over a document's raw text. Linear in its length, whatever it holds, and without an array of the matches. */

/** Lines as `LeadSpecProfile.lines` defines them. */
export function countLines(text: string): number {
  const terminator = /\r\n|\n|\r/g;
  let lines = 0;
  let end = 0;
  while (terminator.test(text)) {
    lines += 1;
    end = terminator.lastIndex;
  }
  return end < text.length ? lines + 1 : lines;
}

/** Words as `LeadSpecProfile.words` defines them. */
export function countWords(body: string): number {
  const letterOrDigit = /[\p{L}\p{N}]/u;
  let words = 0;
  for (const [run] of body.matchAll(/\S+/g)) if (letterOrDigit.test(run)) words += 1;
  return words;
}
