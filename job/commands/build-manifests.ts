import { PromoterError } from "../error.ts";
import {
  type BuildCommand,
  type BuildOptions,
  buildCommand,
  buildFiles,
  dependencyBuild,
  lacksDependencies,
} from "../render/manifest-build.ts";
import type { ProgramResult, Runtime } from "../runtime.ts";

/**
 * What kustomize or helm prints for a folder, whichever is at home there. Dependencies of a chart are brought where they
 * are missing.
 *
 * @throws {PromoterError} `Usage` when the folder is neither's or the program is missing; `InvalidInput` with its
 * message when it fails.
 */
export async function buildManifests(
  folder: string,
  options: Omit<BuildOptions, "env">,
  runtime: Runtime,
): Promise<string> {
  const program = await builderOf(folder, runtime);
  const command = buildCommand(program, { ...options, env: runtime.env });
  const first = await runBuild(command, folder, runtime);
  if (first.exitCode === 0) return first.stdout;
  if (!lacksDependencies(first.stderr)) throw failed(command, folder, first);
  const built = await runBuild(dependencyBuild, folder, runtime);
  if (built.exitCode !== 0) throw failed(dependencyBuild, folder, built);
  const second = await runBuild(command, folder, runtime);
  if (second.exitCode !== 0) throw failed(command, folder, second);
  return second.stdout;
}

async function builderOf(folder: string, runtime: Runtime): Promise<BuildCommand["program"]> {
  for (const [file, program] of buildFiles) {
    if (await exists(`${folder}/${file}`, runtime)) return program;
  }
  throw new PromoterError("Usage", `${folder} holds neither a kustomization.yaml nor a Chart.yaml`, {
    hint: "Name the folder of an overlay or of a chart",
  });
}

/** Whether a file is there. What is there and cannot be read is for its program to complain of. */
export async function exists(path: string, runtime: Runtime): Promise<boolean> {
  try {
    await runtime.readFile(path);
    return true;
  } catch (error) {
    return !(
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ENOTDIR")
    );
  }
}

async function runBuild(
  { program, args }: BuildCommand,
  folder: string,
  runtime: Runtime,
): Promise<ProgramResult> {
  try {
    return await runtime.run(program, args, folder);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause;
    throw new PromoterError("Usage", `${program} is not installed, or not in PATH`, {
      cause,
      hint: `Install ${program}, or pipe the manifests in: ${program} … | image-promoter inject`,
    });
  }
}

function failed(
  { program, args }: BuildCommand,
  folder: string,
  { exitCode, stderr }: ProgramResult,
): PromoterError {
  const how = exitCode === undefined ? "was ended by a signal" : `ended with exit code ${exitCode}`;
  const said = stderr.trim();
  return new PromoterError(
    "InvalidInput",
    `${program} ${args[0]} ${how} in ${folder}${said && `\n${said}`}`,
    {
      hint: `Run it there by hand: ${program} ${args.join(" ")}`,
    },
  );
}
