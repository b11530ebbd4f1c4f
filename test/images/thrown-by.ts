import { PromoterError } from "../../job/error.ts";

/** The PromoterError that `work` throws; fails when it throws none. */
export function thrownBy(work: () => unknown): PromoterError {
  try {
    work();
  } catch (error) {
    if (error instanceof PromoterError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
}
