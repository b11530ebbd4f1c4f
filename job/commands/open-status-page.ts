import type { Page } from "../http-server/plain-endpoint.ts";
import type { Log } from "../log.ts";
import { statusEndpoint } from "../status/status-endpoint.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { type ResidentReader, readStatus } from "./read-status.ts";
import { timeLimit } from "./run-promotion.ts";

/** How old what is shown may be before registries are asked anew, if somebody looks. */
const maxAgeMs = 120_000;
/** What takes longer is given up, and begun anew for the next who looks. */
const readingMs = 600_000;

/** The page of environments, for a server in the cluster of those that are named. */
export function openStatusPage(
  { flags }: Pick<CommandInput, "flags">,
  command: CommandContext,
  { environments, log }: ResidentReader & { readonly log: Log },
): Page {
  const { runtime, signal } = command;
  return statusEndpoint({
    async read() {
      using limit = timeLimit(signal, readingMs);
      return await readStatus({ flags }, { ...command, signal: limit.signal }, { environments });
    },
    clock: runtime.clock,
    log,
    signal,
    maxAgeMs,
  });
}
