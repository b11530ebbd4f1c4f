import * as z from "zod";
import { PromoterError } from "../error.ts";

/** A text that one of our parsers accepts; its message and hint become the issue's. */
export function parsedText(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof PromoterError)) throw error;
      context.addIssue({ code: "custom", message: error.message, params: { hint: error.hint } });
    }
  });
}
