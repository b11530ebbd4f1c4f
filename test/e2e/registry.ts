import { type Distribution, startDistribution } from "../integration/distribution.ts";

/** The ports of this machine from which the nodes must be able to pull by plain HTTP. */
const ports = Array.from({ length: 32 }, (_, offset) => 5_000 + offset);

/** Starts a registry for pods and nodes at the first port that is free. */
export async function startRegistry(host: string): Promise<Distribution> {
  const refusals: unknown[] = [];
  for (const port of ports) {
    try {
      return await startDistribution({ listen: `${host}:${port}` });
    } catch (error) {
      refusals.push(error);
    }
  }
  throw new AggregateError(refusals, `No registry can listen at ${host}:${ports[0]} to ${ports.at(-1)}`);
}
