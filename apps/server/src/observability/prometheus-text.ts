/**
 * Metrics in Prometheus' text format 0.0.4, with the names that OpenTelemetry's compatibility rules make of its own: dots
 * become underscores, the unit and `_total` are appended (opentelemetry.io/docs/specs/otel/compatibility/prometheus).
 *
 * Written here because the libraries that do it bring a registry or an SDK of their own, which costs an idle server a third
 * of its memory (docs/decisions/0010-metrics.md).
 */
import type { HistogramFamily, MetricAttributes, MetricFamily } from "@telepool/core";

const UNITS: Readonly<Record<string, string>> = { s: "_seconds", ms: "_milliseconds", By: "_bytes", "1": "_ratio" };

/** The text of these families. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families.map(familyText).join("");
}

function familyText(family: MetricFamily): string {
  const name = prometheusName(family);
  const lines = [
    `# HELP ${name} ${family.description.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${name} ${family.type === "upDownCounter" ? "gauge" : family.type}`,
  ];
  if (family.type === "histogram") lines.push(...histogramLines(name, family));
  else for (const { attributes, value } of family.points) lines.push(sample(name, attributes, value));
  return `${lines.join("\n")}\n`;
}

function histogramLines(name: string, { bounds, points }: HistogramFamily): string[] {
  return points.flatMap(({ attributes, buckets, count, sum }) => {
    let below = 0;
    const lines = buckets.map((inBucket, position) => {
      below += inBucket;
      return sample(`${name}_bucket`, { ...attributes, le: String(bounds[position] ?? "+Inf") }, below);
    });
    return [...lines, sample(`${name}_sum`, attributes, sum), sample(`${name}_count`, attributes, count)];
  });
}

function prometheusName({ name, unit, type }: MetricFamily): string {
  const base = name.replaceAll(/[^A-Za-z0-9_:]/g, "_");
  const suffix = UNITS[unit] ?? "";
  const withUnit = suffix === "" || base.endsWith(suffix) ? base : base + suffix;
  return type === "counter" && !withUnit.endsWith("_total") ? `${withUnit}_total` : withUnit;
}

function sample(name: string, attributes: MetricAttributes, value: number): string {
  const labels = Object.entries(attributes).map(
    ([key, text]) => `${key.replaceAll(/[^A-Za-z0-9_]/g, "_")}="${quoted(text)}"`,
  );
  return `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${numberText(value)}`;
}

function quoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
