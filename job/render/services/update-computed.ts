import type { ChartValues } from "../chart-values.ts";
import type { Computed } from "../computed-value.ts";
import { configurationText, imageReference } from "../job-settings.ts";
import { objectLabels, podLabels, selectorLabels } from "../labels.ts";
import { serviceCronJobName, serviceName } from "../names.ts";
import type { Release } from "../release.ts";
import { writtenRoutes } from "./routed-prefixes.ts";
import { checksum } from "./serve-computed.ts";

const component = { "app.kubernetes.io/component": "update" };
const ending = "-update";
/** Seconds that are left of the time to end in after what is under way has had its own. */
const spareSeconds = 5;

/** What the templates of `update` call computed. */
export function updateComputed(name: string, release: Release): Computed | undefined {
  const { values } = release;
  const { serviceAccount: account, image } = values.update;
  switch (name) {
    case "updateName":
      return serviceName(release, ending);
    case "updateClusterName":
      return `${release.namespace ?? ""}-${serviceName(release, ending)}`;
    case "updateCronJobName":
      return serviceCronJobName(release, ending);
    case "updateAccountName":
      return account.name || (account.create ? serviceName(release, ending) : "default");
    case "updateImage":
      return imageReference({ ...values.image, ...image }, values.global?.imageRegistry);
    case "updateArguments":
      return updateArguments(values);
    case "updateConfiguration":
      return updateConfiguration(values);
    case "updateLabels":
      return objectLabels(release, component);
    case "updateSelector":
      return { ...selectorLabels(release), ...component };
    case "updatePodLabels":
      return { ...podLabels(release), ...component };
    case "updatePodAnnotations":
      return { ...values.podAnnotations, ...checksum(updateConfiguration(values)) };
    default:
      return undefined;
  }
}

function updateArguments({ update }: ChartValues): readonly string[] {
  const { schedule, every, clusterApplications, argocdNamespace, extraArgs } = update;
  const drain = Math.max(1, update.terminationGracePeriodSeconds - spareSeconds);
  return [
    "update",
    ...(schedule === "" ? [`--every=${every}`, "--health=8080", `--drain=${drain}s`] : []),
    ...(clusterApplications ? ["--cluster-applications", `--argocd-namespace=${argocdNamespace}`] : []),
    ...extraArgs,
  ];
}

/** The whole promoter.yaml: routes say where newer tags are looked for. */
function updateConfiguration(values: ChartValues): string {
  const { registries, update } = values;
  const { git, defaults, applications, requestsPerSecond } = update;
  const routes = values.routes.length > 0 ? values.routes : writtenRoutes(values);
  return configurationText({
    ...(routes.length > 0 && { routes }),
    ...(registries.length > 0 && { registries }),
    update: {
      requestsPerSecond,
      ...(applications.length > 0 && { applications }),
      ...(Object.keys(defaults).length > 0 && { defaults }),
      ...(Object.keys(git).length > 0 && { git }),
    },
  });
}
