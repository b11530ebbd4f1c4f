import { type ConfigurationDraft, configurationText } from "../config/configuration-text.ts";
import { conflictWith, parseEnvironmentFlag, type SaidEnvironment } from "../config/environment-flag.ts";
import { parseRegistryPrefix, parseRegistryPrefixes } from "../config/route-flag.ts";
import { PromoterError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { askForConfiguration } from "./ask-for-configuration.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";

/** `init`: writes a promoter.yaml with comments, out of flags or of answers. */
export async function init({ flags }: CommandInput, { runtime }: CommandContext): Promise<number> {
  const path = textOf(flags.outputFile) ?? "promoter.yaml";
  // Before the questions: nobody likes to answer for nothing.
  if (path !== "-" && flags.force !== true) await refuseToOverwrite(path, runtime);
  const draft = draftOf(flags) ?? (await askForConfiguration(askerOf(runtime), runtime.stderr));
  const text = configurationText(draft);
  // What it would not read itself is a mistake of ours; loaded only now, as it takes longer than everything else.
  const { loadConfiguration } = await import("../config/load.ts");
  loadConfiguration(text, path);
  if (path === "-") {
    runtime.stdout.write(text);
    return exitCodes.done;
  }
  await write(path, text, runtime);
  runtime.stderr.write(`Wrote ${path}. See whether everything is in place: ${nextStep(draft, path)}\n`);
  return exitCodes.done;
}

function nextStep({ environments }: ConfigurationDraft, path: string): string {
  const last = environments.length > 2 ? ` --environment ${environments.at(-1)?.name}` : "";
  return `image-promoter doctor --config ${path}${last}`;
}

/** What the flags say; undefined when they say nothing. */
function draftOf(flags: CommandInput["flags"]): ConfigurationDraft | undefined {
  const createRepositories = flags.createRepositories === true;
  const said: readonly unknown[] = Array.isArray(flags.environment) ? flags.environment : [];
  const [from, to] = [textOf(flags.from), textOf(flags.to)];
  if (said.length > 0) {
    if (from !== undefined || to !== undefined) {
      throw new PromoterError("Usage", "Environments and a route are two ways to say the same", {
        hint: "Leave --from and --to out: routes follow from the order of the environments",
      });
    }
    const environments = said.map((text) => parseEnvironmentFlag(String(text)));
    checkEnvironments(environments);
    return { environments, createRepositories };
  }
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) {
    throw new PromoterError(
      "Usage",
      `A route needs both ends: ${from === undefined ? "--from" : "--to"} is absent`,
      {
        hint: "Give both --from and --to",
      },
    );
  }
  const route = { from: parseRegistryPrefixes(from), to: parseRegistryPrefix(to) };
  return { environments: [], route, createRepositories };
}

function checkEnvironments(environments: readonly SaidEnvironment[]): void {
  if (environments.length < 2) {
    throw new PromoterError("Usage", "One environment has nowhere to promote from", {
      hint: "Give --environment at least twice: where images are built comes first",
    });
  }
  for (const [index, environment] of environments.entries()) {
    const problem = conflictWith(environments.slice(0, index), environment);
    if (problem !== undefined) throw problem;
  }
}

function askerOf({ ask }: Runtime): NonNullable<Runtime["ask"]> {
  if (ask !== undefined) return ask;
  throw new PromoterError("Usage", "Nobody is at a terminal to answer questions", {
    hint: "Say it by flags: --environment development=111111111111/eu-west-1 --environment production=222222222222/eu-west-1",
  });
}

async function refuseToOverwrite(path: string, runtime: Runtime): Promise<void> {
  try {
    await runtime.readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
  }
  throw new PromoterError("Usage", `${path} exists already`, {
    hint: "Overwrite it with --force, or write another with --output-file FILE",
  });
}

async function write(path: string, text: string, runtime: Runtime): Promise<void> {
  try {
    await runtime.writeFile(path, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PromoterError("Usage", `Cannot write ${path}: ${reason}`, {
      hint: "Check the folder, or write elsewhere with --output-file FILE",
      cause,
    });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
