import type { Patience } from "../runtime.ts";
import { version } from "../version.ts";

/** How long this program waits where its runtime does not say. */
export const defaultPatience: Patience = { connectMs: 10_000, answerMs: 60_000, apiAnswerMs: 20_000 };

/** What servers are told of who asks. */
export const userAgent: string = `argocd-image-promoter/${version}`;
