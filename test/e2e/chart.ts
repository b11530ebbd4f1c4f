import { parseReference } from "../../job/oci/reference.ts";
import { chartFolder, openHelm } from "../chart/helm.ts";
import type { World } from "./world.ts";

/** Where a namespace's images go to: nothing that another test promoted is there. */
export function destinationOf({ destination }: World, namespace: string): string {
  return `${destination}/${namespace}`;
}

/** Values of the chart by which it promotes from the one registry to the other. */
export function promotionValues(world: World, namespace: string) {
  const { host, repository, tag = "", digest = "" } = parseReference(world.image);
  return {
    image: { registry: host, repository, tag, digest },
    source: { registry: world.source },
    destination: { registry: destinationOf(world, namespace) },
    registries: [world.source, world.destination].map((each) => ({ host: each, insecure: true })),
  };
}

/** What Helm makes of the chart alone, as the release `promoter`, with an image to promote. */
export async function renderChart(world: World, namespace: string, values: object = {}): Promise<string> {
  await using helm = await openHelm();
  const images = [`${destinationOf(world, namespace)}/shop/web:1.4.2`];
  return await helm.template("helm", chartFolder, {
    name: "promoter",
    namespace,
    values: { ...promotionValues(world, namespace), images, ...values },
  });
}
