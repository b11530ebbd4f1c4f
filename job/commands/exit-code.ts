import type { PromotionReport } from "../promotion/report.ts";

/** What the process says to whoever started it. The Job's `podFailurePolicy` goes by these numbers. */
export const exitCodes = {
  /** All wanted images are at the destination. */
  done: 0,
  /** At least one is not, and trying again may help. */
  temporary: 1,
  /** The command or its configuration is wrong; nothing was written. */
  usage: 2,
  /** `plan` found work to do. */
  workToDo: 3,
  /** At least one is not, and trying again will not help. */
  permanent: 4,
} as const;

/** One image that can never succeed decides: trying again could not make the whole succeed. */
export function exitCodeOf(report: Pick<PromotionReport, "images">): number {
  return exitCodeOfErrors(report.images.flatMap(({ error }) => error ?? []));
}

/** The same for other results. */
export function exitCodeOfErrors(errors: readonly { readonly temporary: boolean }[]): number {
  if (errors.length === 0) return exitCodes.done;
  return errors.every(({ temporary }) => temporary) ? exitCodes.temporary : exitCodes.permanent;
}
