import { configurationPath } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import { renderEventDeployment } from "../render/event-deployment.ts";
import { type EventQueuesOptions, queueUrlOf, renderEventQueues } from "../render/event-queues.ts";
import type { RenderedFile } from "../render/rendered-file.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { jobRelease, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { policyScopes } from "./policy-scopes.ts";
import { readText } from "./read-images.ts";
import { writeRendered } from "./write-rendered.ts";

/** Seconds: `on-push` asks for as many when it takes a message, whatever the queue's own are. */
const visibilitySeconds = 60;

/** `render events`: rules, queues and permissions, and the Deployment of `on-push`. */
export async function renderEventFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  const { flags } = input;
  if (flags.outputDir === undefined) {
    throw new PromoterError(
      "Usage",
      "These are files for AWS and for a cluster, and no folder is named for them",
      {
        hint: "Add --output-dir FOLDER",
      },
    );
  }
  const settings = await loadSettings(input, runtime);
  const scopes = policyScopes(settings, []);
  const queueName = queueNameOf(flags);
  const queues: EventQueuesOptions = {
    format: flags.format === "terraform" ? "terraform" : "cloudformation",
    ...scopes,
    queueName,
    roleName: roleNameOf(flags),
    maxReceiveCount: numberOf(flags.maxReceiveCount) ?? 10,
    visibilitySeconds,
  };
  const path = configurationPath({ flags, env: runtime.env });
  const values = await jobValues(flags, settings, runtime);
  const deployed = {
    ...jobRelease(flags, runtime.env),
    replicas: numberOf(flags.replicas) ?? 2,
    networkPolicy: flags.networkPolicy === true,
    ...(path !== undefined && { configuration: await readText(path, runtime) }),
    ...(settings.environment !== undefined && { environment: settings.environment.name }),
  };
  const manifests = scopes.sources.flatMap((source) =>
    renderEventDeployment(values, {
      ...deployed,
      queueUrl: queueUrlOf(source, queueName),
      suffix: scopes.sources.length > 1 ? `-${source.accountId}-${source.region}` : "",
    }),
  );
  const files = [
    ...renderEventQueues(queues),
    ...manifests.map((file) => ({ ...file, path: `kubernetes/${file.path}` })),
  ];
  return writeRendered(eachOnce(files), input, runtime);
}

/** Several Deployments share an account and a configuration. */
function eachOnce(files: readonly RenderedFile[]): RenderedFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** The dead-letter queue's name is five characters longer. */
function queueNameOf({ queueName }: CommandInput["flags"]): string {
  if (typeof queueName === "string" && /^[\w-]{1,59}$/.test(queueName)) return queueName;
  throw new PromoterError("Usage", `Cannot use --queue-name ${JSON.stringify(queueName)}`, {
    hint: "A name has up to 59 letters, digits, - and _",
  });
}

function roleNameOf({ roleName }: CommandInput["flags"]): string {
  if (typeof roleName === "string" && /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/.test(roleName)) return roleName;
  throw new PromoterError("Usage", `Cannot use --role-name ${JSON.stringify(roleName)}`, {
    hint: "Write the role's name, with its path before it: image-promoter, platform/image-promoter",
  });
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
