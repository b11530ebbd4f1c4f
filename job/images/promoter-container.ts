/** What a container of a pod says of itself, as far as it tells who runs in it. */
export interface ContainerDescription {
  readonly image: string | undefined;
  /** Names of its variables. */
  readonly variables: readonly string[];
  /** The first of its arguments. */
  readonly command: string | undefined;
}

/**
 * Kinds that the promotion itself runs as: the Job, the CronJob for reruns, the Pod of `helm test`. Others that are given
 * such variables, the plugin of Argo CD among them, are workloads like any other.
 */
export const promotionKinds: ReadonlySet<string> = new Set(["Job", "CronJob", "Pod"]);

/** Whether image-promoter runs in a container: its own variables tell, or its image and the command. */
export function runsPromoter({ image = "", variables, command }: ContainerDescription): boolean {
  return (
    variables.some((name) => name.startsWith("PROMOTER_")) ||
    (/(?:^|\/)(?:argocd-)?image-promoter(?=[:@]|$)/.test(image) && command === "promote")
  );
}
