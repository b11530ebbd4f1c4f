import { readMetadata } from "../config/metadata-file.ts";
import { formatRegistryPrefix, parseRegistryPrefix } from "../config/route-flag.ts";
import { PromoterError } from "../error.ts";
import { formatReference, parseReference } from "../oci/reference.ts";
import { renderWorkflow, type WorkflowOptions } from "../render/workflow.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { readText } from "./index-requests.ts";
import { writeRendered } from "./write-rendered.ts";

type Flags = CommandInput["flags"];

/** `render workflow`: what builds, assembles and promotes a release. */
export async function renderWorkflowFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  const { flags } = input;
  const file = textOf(flags.metadata) ?? "";
  const metadataText = await readText(file, runtime.readFile);
  const events = eventsOf(flags);
  const notify = notifyOf(flags);
  const options: WorkflowOptions = {
    name: textOf(flags.name) ?? "release",
    metadata: readMetadata(metadataText, file),
    metadataText,
    builder: flags.builder === "kaniko" || flags.builder === "buildah" ? flags.builder : "buildkit",
    promoterImage: formatReference(parseReference(textOf(flags.promoterImage) ?? "")),
    repositoryUrl: textOf(flags.git) ?? "",
    ...present("namespace", objectName(flags, "namespace")),
    ...present("builderImage", textOf(flags.builderImage)),
    ...present("gitSecret", objectName(flags, "gitSecret")),
    ...present("registrySecret", objectName(flags, "registrySecret")),
    ...present("to", registryOf(flags.to)),
    ...present("buildRoleArn", textOf(flags.buildRoleArn)),
    ...present("promoteRoleArn", textOf(flags.promoteRoleArn)),
    ...present("events", events),
    ...present("notify", notify),
  };
  return writeRendered(renderWorkflow(options), input, runtime);
}

function registryOf(to: unknown): string | undefined {
  return typeof to === "string" ? formatRegistryPrefix(parseRegistryPrefix(to)) : undefined;
}

function eventsOf(flags: Flags): WorkflowOptions["events"] {
  if (flags.events === undefined) return undefined;
  const url = textOf(flags.eventsUrl);
  const secret = objectName(flags, "eventsSecret");
  if (url === undefined || secret === undefined) {
    throw new PromoterError("Usage", "Events need an address, and a secret that proves who sends them", {
      hint: "Add --events-url https://hooks.example.com --events-secret NAME",
    });
  }
  const common = { bus: flags.eventBus !== false, url, secret };
  if (flags.events === "webhook") return common;
  const [, owner, repository] = /^([\w.-]{1,100})\/([\w.-]{1,100})$/.exec(textOf(flags.github) ?? "") ?? [];
  if (owner === undefined || repository === undefined) {
    throw new PromoterError("Usage", "Nobody said which repository of GitHub starts the workflow", {
      hint: "Add --github OWNER/REPOSITORY",
    });
  }
  return { ...common, github: { owner, repository } };
}

function notifyOf(flags: Flags): WorkflowOptions["notify"] {
  const written = textOf(flags.notifySecret);
  if (written === undefined) return undefined;
  const [secret = "", key = "url"] = written.split(":", 2);
  return { secret: named("--notify-secret", secret), key, image: textOf(flags.notifyImage) ?? "" };
}

function objectName(flags: Flags, name: string): string | undefined {
  const value = textOf(flags[name]);
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === undefined ? undefined : named(flag, value);
}

function named(flag: string, name: string): string {
  if (/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return name;
  throw new PromoterError("Usage", `Cannot use ${flag} ${JSON.stringify(name.slice(0, 300))}`, {
    hint: "A name has a-z, 0-9, - and ., not at its ends",
  });
}

function present<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: T });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
