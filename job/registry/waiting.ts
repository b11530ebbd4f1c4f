import type { Waiting } from "../oci/content.ts";

/** What of some options says how to wait, to be handed on. */
export function waitingOf({ signal, aside }: Waiting): Waiting {
  return { ...(signal && { signal }), ...(aside && { aside }) };
}
