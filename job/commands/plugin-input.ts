import type { Runtime } from "../runtime.ts";
import { exists } from "./build-manifests.ts";
import type { CommandInput } from "./command.ts";

/**
 * Variables that an Argo CD Application may set for a plugin (`spec.source.plugin.env`). They choose between what the
 * repository says anyway; none names a file or an address for this process.
 */
const applicationVariables = ["PROMOTER_ENVIRONMENT", "PROMOTER_FROM", "PROMOTER_TO", "PROMOTER_STRICT"];

/** Folders between an application's and the root of its repository that may hold promoter.yaml. */
const mostFolders = 16;

export interface PluginInput {
  readonly input: CommandInput;
  readonly runtime: Runtime;
}

/**
 * What the command was called with and, where it builds a folder, what stands around that folder: the nearest
 * promoter.yaml in it or above it, unless another is named, and the variables of an Argo CD Application.
 */
export async function asPluginInput(input: CommandInput, runtime: Runtime): Promise<PluginInput> {
  const { build } = input.flags;
  if (typeof build !== "string") return { input, runtime };
  const env = { ...runtime.env, ...applicationEnv(runtime.env) };
  const named = input.flags.config !== undefined || (env.PROMOTER_CONFIG ?? "") !== "";
  const config = named ? undefined : await nearestConfiguration(build, runtime);
  return {
    input: config === undefined ? input : { ...input, flags: { ...input.flags, config } },
    runtime: { ...runtime, env },
  };
}

function applicationEnv(env: Runtime["env"]): Runtime["env"] {
  return Object.fromEntries(
    applicationVariables.flatMap((name) => {
      const value = env[`ARGOCD_ENV_${name}`];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** Argo CD gives a plugin the repository alone, in a folder of its own, so what is above it is not somebody else's. */
async function nearestConfiguration(folder: string, runtime: Runtime): Promise<string | undefined> {
  const depth = runtime.env.ARGOCD_APP_SOURCE_PATH?.split("/").filter(
    (part) => part !== "" && part !== ".",
  ).length;
  const above = Math.min(depth ?? mostFolders, mostFolders);
  for (let level = 0; level <= above; level += 1) {
    const file = `${folder}/${"../".repeat(level)}promoter.yaml`;
    if (await exists(file, runtime)) return file;
  }
  return undefined;
}
