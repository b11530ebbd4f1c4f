import { syncedApplication } from "../attestation/application.ts";
import type { Settings } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import { parseReference } from "../oci/reference.ts";
import { chartValues } from "../render/chart-values.ts";
import { layOver } from "../render/coalesce.ts";
import type { Fields } from "../render/fields.ts";
import { parseValues } from "../render/parse-values.ts";
import { valuesOfSettings } from "../render/settings-values.ts";
import { parseAssignment } from "../render/value-assignment.ts";
import { routesOfValues } from "../render/values-routes.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandInput } from "./command.ts";
import { withoutGateFiles } from "./gate-files.ts";
import { readText, wantedRoutes } from "./read-images.ts";

/** The names by which a Job is rendered. */
export interface JobRelease {
  readonly name: string;
  readonly namespace?: string;
}

/**
 * The chart's values of a Job: what settings say, over that the files of `--values` in their order, over that the flags
 * of its own, over that what `--set` says.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`.
 */
export async function jobValues(
  flags: CommandInput["flags"],
  settings: Settings,
  runtime: Runtime,
): Promise<Fields> {
  const own = await ownValues(flags, runtime);
  const values = valuesOfSettings(await withoutGateFiles(settings, own, runtime));
  return layOver(layOver(values, applicationValues(settings, runtime.env)), own);
}

/** The application that Argo CD builds manifests for, where statements are to name it; without credentials. */
function applicationValues({ attestation }: Settings, env: Runtime["env"]): Fields {
  const application = attestation && syncedApplication(env);
  return application === undefined ? {} : { attestation: { application } };
}

/** The same without what settings say. */
export async function ownValues(flags: CommandInput["flags"], runtime: Runtime): Promise<Fields> {
  const files = [flags.values ?? []].flat().map(String);
  let values: Fields = {};
  for (const file of files) values = layOver(values, parseValues(await readText(file, runtime), file));
  const assigned = [flags.set ?? []].flat().map((text) => parseAssignment(String(text)));
  return assigned.reduce(layOver, layOver(values, flagValues(flags)));
}

/**
 * The routes of settings, or those that values name.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration` when there are none, or none that can be meant.
 */
export function jobRoutes(settings: Settings, values: Fields): Settings["routes"] {
  const { routes } = settings;
  return wantedRoutes({
    ...settings,
    routes: routes.length > 0 ? routes : routesOfValues(chartValues(values)),
  });
}

/** The release's name: that of the flag, else of the Argo CD application, else the chart's. */
export function jobRelease(flags: CommandInput["flags"], env: Runtime["env"]): JobRelease {
  const { name, namespace } = flags;
  if (typeof name === "string" && !/^[a-z0-9](?:[-a-z0-9]{0,51}[a-z0-9])?$/.test(name)) {
    throw new PromoterError("Usage", `Cannot use --name ${JSON.stringify(name.slice(0, 100))}`, {
      hint: "A name has up to 53 of a-z, 0-9 and -, not at its ends",
    });
  }
  return {
    name: typeof name === "string" ? name : (applicationName(env.ARGOCD_APP_NAME) ?? "image-promoter"),
    ...(typeof namespace === "string" && { namespace }),
  };
}

/** An application outside of Argo CD's own namespace is called NAMESPACE_NAME. */
function applicationName(name: string | undefined): string | undefined {
  const plain = name
    ?.replace(/^.*_/, "")
    .slice(0, 53)
    .replace(/(?<![-.])[-.]+$/, "");
  return plain === "" ? undefined : plain;
}

function flagValues({ serviceAccount, promoterImage, hook, wave }: CommandInput["flags"]): Fields {
  return {
    ...(typeof serviceAccount === "string" && { serviceAccount: { name: serviceAccount } }),
    ...(typeof promoterImage === "string" && { image: imageValues(promoterImage) }),
    ...((hook ?? wave) !== undefined && {
      hook: {
        ...(hook !== undefined && { engine: hook }),
        ...(wave !== undefined && { wave: Number(wave) }),
      },
    }),
  };
}

function imageValues(image: string): Fields {
  const { host, repository, tag = "", digest = "" } = parseReference(image);
  return { registry: host, repository, tag, digest };
}
