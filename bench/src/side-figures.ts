/** Figures that runs give beside their rate: a case of its own, with a figure for each round. */
import type { Measured } from "./measure.ts";

/** Collects them by subject. */
export class SideFigures {
  readonly #figures = new Map<string, number[]>();

  add(subject: string, figure: number): void {
    const figures = this.#figures.get(subject);
    if (figures === undefined) this.#figures.set(subject, [figure]);
    else figures.push(figure);
  }

  /** As a case; the first figure of each subject is that of the warm-up, which does not count. */
  measured(suite: string, name: string, unit: string): Measured {
    const figures = new Map([...this.#figures].map(([subject, all]) => [subject, all.slice(1)]));
    return { suite, name, unit, figures };
  }
}
