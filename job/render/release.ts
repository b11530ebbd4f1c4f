import type { ChartValues } from "./chart-values.ts";

/** What is rendered: values, and the names that an installation gives. */
export interface Release {
  readonly values: ChartValues;
  /** Name of the release, as of Helm: the beginning of the names of all objects. */
  readonly name: string;
  /** Where the objects go; absent where whoever applies them says so. */
  readonly namespace?: string;
}

/** Name of the chart, and what stands in names and labels where nothing overrides it. */
export const chartName = "image-promoter";
