import type { Log } from "../log.ts";
import type { PromotionListener } from "../promotion/progress.ts";
import type { ImageReport } from "../promotion/report.ts";
import { imageLine } from "./text.ts";

/** Progress where the log is read by programs: one record for each image as it is finished. */
export function logProgress(log: Log): PromotionListener {
  return (event) => {
    if (event.type !== "finished") return;
    const level = event.image.status === "failed" ? "error" : "info";
    log[level](fieldsOf(event.image), imageLine(event.image));
  };
}

function fieldsOf(image: ImageReport): object {
  const { destination, digest, status, bytesCopied, error } = image;
  return {
    image: destination,
    status,
    bytesCopied,
    ...(digest !== undefined && { digest }),
    ...(error !== undefined && { code: error.code, ...(error.hint !== undefined && { hint: error.hint }) }),
  };
}
