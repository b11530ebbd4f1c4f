/**
 * How severe a finding of a scan may be, in ECR's words, from nothing upwards. What nobody has rated yet (`UNDEFINED`,
 * `UNTRIAGED`) is below all that somebody has.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html}
 */
export const severities = ["NONE", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;

/** The highest severity that may pass; `NONE` lets no finding pass. */
export type SeverityLimit = (typeof severities)[number];
