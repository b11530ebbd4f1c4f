import { PromoterError } from "../error.ts";

/** ECR's actions that a promotion calls and whose rate AWS limits, as its console for quotas names them. */
const actions = [
  "PutImage",
  "BatchGetImage",
  "BatchCheckLayerAvailability",
  "GetDownloadUrlForLayer",
  "InitiateLayerUpload",
  "UploadLayerPart",
  "CompleteLayerUpload",
] as const;

export type LimitedAction = (typeof actions)[number];

/**
 * Reads a quota that AWS has raised: `PutImage=100` is a hundred a second.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseEcrQuota(text: string): readonly [action: LimitedAction, perSecond: number] {
  const [, name, digits] = /^([A-Za-z]{1,40})=(\d{1,6})$/.exec(text) ?? [];
  const action = actions.find((candidate) => candidate === name);
  const perSecond = Number(digits);
  if (action !== undefined && perSecond >= 1) return [action, perSecond];
  throw new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${JSON.stringify(text.slice(0, 100))}: it is no quota of ECR`,
    { hint: `Write an action and its requests per second, PutImage=100. The actions: ${actions.join(", ")}` },
  );
}
