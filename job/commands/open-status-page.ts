import { PromoterError } from "../error.ts";
import type { Page } from "../http-server/plain-endpoint.ts";
import type { Log } from "../log.ts";
import { statusEndpoint } from "../status/status-endpoint.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { readStatus } from "./read-status.ts";
import { timeLimit } from "./run-promotion.ts";

/** How old what is shown may be before registries are asked anew, if somebody looks. */
const maxAgeMs = 120_000;
/** What takes longer is given up, and begun anew for the next who looks. */
const readingMs = 600_000;

export interface StatusPageOptions {
  /** The environment in whose cluster this runs, where that is known. */
  readonly environment: string | undefined;
  /** Whether the configuration describes any. */
  readonly hasEnvironments: boolean;
  readonly log: Log;
}

/**
 * The page of environments, for a server in one of their clusters.
 *
 * @throws {PromoterError} `Usage` when the configuration describes no environments.
 */
export function openStatusPage(
  { flags }: Pick<CommandInput, "flags">,
  command: CommandContext,
  { environment, hasEnvironments, log }: StatusPageOptions,
): Page {
  if (!hasEnvironments) {
    throw new PromoterError("Usage", "There are no environments for --status-page to show", {
      hint: "Describe them under environments in promoter.yaml, and give it by --config",
    });
  }
  const { runtime, signal } = command;
  return statusEndpoint({
    async read() {
      using limit = timeLimit(signal, readingMs);
      return await readStatus({ flags }, { ...command, signal: limit.signal }, { environment });
    },
    clock: runtime.clock,
    log,
    signal,
    maxAgeMs,
  });
}
