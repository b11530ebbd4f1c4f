import type { PromotionListener } from "../promotion/progress.ts";
import type { Output } from "../runtime.ts";
import { imageLine } from "./text.ts";

/** Progress where there is no terminal: one line for each image as it is finished. */
export function lineProgress(output: Pick<Output, "write">, color = false): PromotionListener {
  return (event) => {
    if (event.type === "finished") output.write(`${imageLine(event.image, { color })}\n`);
  };
}
