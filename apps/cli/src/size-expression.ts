/** Amounts of storage as people write them: `1GiB` and `512MiB` by 1024, `1GB` and `500MB` by 1000, plain bytes without a unit. */

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Whole bytes, or `undefined` if the text is no amount. */
export function parseSize(text: string): number | undefined {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  if (amount === "") return undefined;
  const bytes = Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** An amount for people, by 1024: `17 B`, `1.5 MiB`. */
export function showSize(bytes: number): string {
  let amount = bytes;
  let unit = "B";
  for (const next of ["KiB", "MiB", "GiB", "TiB"]) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  return unit === "B" ? `${amount} B` : `${amount.toFixed(1)} ${unit}`;
}
