/**
 * Measuring subjects against each other: round after round, in an order that changes, on the same machine in the same
 * minutes. A ratio is the median of the rounds' own ratios, so a machine that is slower for a while slows both sides.
 */

/** One way to do a thing; `run` gives back one figure in the case's unit. */
export interface Subject {
  readonly name: string;
  run(): Promise<number> | number;
}

/** A thing that is done in several ways. */
export interface Case {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  readonly subjects: readonly Subject[];
  readonly rounds: number;
}

/** The figures of every subject, one for each round. */
export interface Measured {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  readonly figures: ReadonlyMap<string, readonly number[]>;
}

/** The middle of an unsorted list; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which `percent` of the values lie (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Runs every subject once to warm up, then `rounds` times, each round beginning with another subject. */
export async function measure({ suite, name, unit, subjects, rounds }: Case): Promise<Measured> {
  const figures = new Map<string, number[]>(subjects.map((subject) => [subject.name, []]));
  for (const subject of subjects) await subject.run();
  for (let round = 0; round < rounds; round++) {
    for (let step = 0; step < subjects.length; step++) {
      const subject = subjects[(round + step) % subjects.length];
      if (subject === undefined) continue;
      Bun.gc(true);
      figures.get(subject.name)?.push(await subject.run());
    }
  }
  return { suite, name, unit, figures };
}

/** The median of `of / against`, round by round. */
export function ratio(measured: Measured, of: string, against: string): number {
  const above = figuresOf(measured, of);
  const below = figuresOf(measured, against);
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}

/** Of several subjects the one with the best median: the least where less is better, otherwise the greatest. */
export function best(measured: Measured, names: readonly string[], better: "less" | "more"): string {
  const sign = better === "less" ? 1 : -1;
  const ranked = names.toSorted((a, b) => sign * (median(figuresOf(measured, a)) - median(figuresOf(measured, b))));
  const first = ranked[0];
  if (first === undefined) throw new Error("no subject to choose from");
  return first;
}

/** The figures of one subject. */
export function figuresOf(measured: Measured, subject: string): readonly number[] {
  const figures = measured.figures.get(subject);
  if (figures === undefined) throw new Error(`${measured.name} has no subject ${subject}`);
  return figures;
}
