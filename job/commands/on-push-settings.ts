import { eventSettings } from "../config/event-setting-table.ts";
import { resolveReferences } from "../config/secret-reference.ts";
import { type SettingSources, settingOf } from "../config/setting.ts";
import { PromoterError } from "../error.ts";
import type { EndpointOptions } from "../events/endpoint.ts";
import type { ListenAddress } from "../http-server/listener.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandInput } from "./command.ts";

/** Where events come from, and how they are worked on. */
export interface OnPushSettings {
  readonly files: readonly string[];
  readonly queueUrl?: string;
  readonly listen?: ListenAddress;
  readonly authorization?: NonNullable<EndpointOptions["authorization"]>;
  readonly health?: ListenAddress;
  readonly atOnce: number;
  readonly visibilityMs: number;
  readonly drainMs: number;
}

/**
 * Reads what is `on-push`'s own.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`; also when anybody could post events.
 */
export async function onPushSettings(
  { flags, images: files }: CommandInput,
  { env, readFile }: Pick<Runtime, "env" | "readFile">,
): Promise<OnPushSettings> {
  const sources: SettingSources = { flags, env };
  const queueUrl = settingOf(eventSettings.queueUrl, sources);
  const listen = settingOf(eventSettings.listen, sources);
  const health = settingOf(eventSettings.health, sources);
  if (files.length > 0 && (queueUrl !== undefined || listen !== undefined)) {
    throw new PromoterError("Usage", "Events come from files, or from a queue or an address, not from both", {
      hint: "Leave the files out, or --queue-url and --listen",
    });
  }
  const reference = settingOf(eventSettings.authSecret, sources);
  const authorization = reference !== undefined && {
    header: settingOf(eventSettings.authHeader, sources),
    secret: await secretOf(reference, { env, readFile }),
  };
  if (listen !== undefined && authorization === false && !isLoopback(listen)) {
    throw new PromoterError("Usage", "Anybody who reaches this port could have images promoted", {
      hint: "Name a secret with --auth-secret file:PATH, or listen on 127.0.0.1 behind something that asks for one",
    });
  }
  return {
    files,
    ...(queueUrl !== undefined && { queueUrl }),
    ...(listen !== undefined && { listen }),
    ...(authorization !== false && { authorization }),
    ...(health !== undefined && { health }),
    atOnce: settingOf(eventSettings.atOnce, sources),
    visibilityMs: settingOf(eventSettings.visibility, sources),
    drainMs: settingOf(eventSettings.drain, sources),
  };
}

async function secretOf(reference: string, from: Pick<Runtime, "env" | "readFile">): Promise<string> {
  const secret = await resolveReferences(reference, from);
  if (secret.length >= 16) return secret;
  throw new PromoterError(
    "InvalidConfiguration",
    "The secret of --auth-secret is short enough to be guessed",
    {
      hint: "Make another, and give it to EventBridge's connection too: openssl rand -base64 32",
    },
  );
}

function isLoopback({ host }: ListenAddress): boolean {
  return host === "localhost" || host === "::1" || (host?.startsWith("127.") ?? false);
}
