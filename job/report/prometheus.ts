/** Labels of a measurement. Their values should be few: each combination is kept for as long as the process lives. */
export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** Adds to it, by default one. */
  add(labels?: Labels, amount?: number): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** What is measured, for Prometheus to read. Names and help texts are written once, labels with each measurement. */
export interface Metrics {
  counter(name: string, help: string): Counter;
  /** A value that is asked for whenever somebody reads. */
  gauge(name: string, help: string, read: () => number, labels?: Labels): void;
  /** @param bounds upper ends of the buckets, from small to large. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /**
   * All of it in the text format.
   * {@link https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format}
   */
  text(): string;
}

/** The content type of the text. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly lines: () => readonly string[];
}

export function openMetrics(): Metrics {
  const families: Family[] = [];
  return {
    counter(name, help) {
      const values = new Map<string, number>();
      families.push({
        name,
        help,
        type: "counter",
        lines: () => [...values].map(([labels, value]) => sample(name, labels, value)),
      });
      return {
        add(labels = {}, amount = 1) {
          const key = written(labels);
          values.set(key, (values.get(key) ?? 0) + amount);
        },
      };
    },
    gauge(name, help, read, labels = {}) {
      families.push({ name, help, type: "gauge", lines: () => [sample(name, written(labels), read())] });
    },
    histogram(name, help, bounds) {
      const series = new Map<string, Distribution>();
      families.push({
        name,
        help,
        type: "histogram",
        lines: () => [...series.values()].flatMap((one) => distributionLines(name, one, bounds)),
      });
      return {
        observe(value, labels = {}) {
          const key = written(labels);
          const known = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 };
          series.set(key, known);
          known.sum += value;
          known.count += 1;
          const bucket = bounds.findIndex((bound) => value <= bound);
          if (bucket >= 0) known.counts[bucket] = (known.counts[bucket] ?? 0) + 1;
        },
      };
    },
    text: () =>
      families
        .flatMap(({ name, help, type, lines }) => [
          `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
          `# TYPE ${name} ${type}`,
          ...lines(),
        ])
        .map((line) => `${line}\n`)
        .join(""),
  };
}

interface Distribution {
  readonly labels: Labels;
  /** How many fell into each bucket alone. */
  readonly counts: number[];
  sum: number;
  count: number;
}

function distributionLines(
  name: string,
  { labels, counts, sum, count }: Distribution,
  bounds: readonly number[],
): readonly string[] {
  let total = 0;
  const buckets = bounds.map((bound, index) => {
    total += counts[index] ?? 0;
    return sample(`${name}_bucket`, written({ ...labels, le: String(bound) }), total);
  });
  return [
    ...buckets,
    sample(`${name}_bucket`, written({ ...labels, le: "+Inf" }), count),
    sample(`${name}_sum`, written(labels), sum),
    sample(`${name}_count`, written(labels), count),
  ];
}

function sample(name: string, labels: string, value: number): string {
  return `${name}${labels} ${value}`;
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
