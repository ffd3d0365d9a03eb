/** Tables for people: columns aligned by what a terminal shows, no borders, nothing unfit for a terminal. */
import { plainText } from "./plain-text.ts";

/** A value of a table; numbers stand to the right. */
export type Cell = string | number;

/** The lines of a table with a heading. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [headings, ...rows].map((row) => row.map((cell) => plainText(String(cell))));
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => Bun.stringWidth(row[column] ?? ""))));
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"),
  );
  return lines(texts, widths, isNumeric);
}

/** Names and their values, one pair on a line. */
export function pairs(entries: readonly (readonly [name: string, value: Cell])[]): string {
  const texts = entries.map((entry) => entry.map((cell) => plainText(String(cell))));
  return lines(texts, [Math.max(...texts.map(([name = ""]) => Bun.stringWidth(name))), 0], []);
}

function lines(
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  alignRight: readonly boolean[],
): string {
  return rows
    .map((row) => {
      const cells = row.map((text, column) => {
        const gap = " ".repeat(Math.max(0, (widths[column] ?? 0) - Bun.stringWidth(text)));
        return alignRight[column] ? gap + text : text + gap;
      });
      return `${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}
