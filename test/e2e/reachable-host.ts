import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { kubectl } from "./kubectl.ts";

/**
 * This machine's address as pods and nodes reach it: E2E_HOST, else the address from which this machine reaches the
 * API server, which is the nodes' network as a rule.
 * @throws {Error} where that is a loopback address, which means the pod to a pod.
 */
export async function reachableHost(): Promise<string> {
  const given = process.env.E2E_HOST;
  if (given) return given;
  const path = "jsonpath={.clusters[0].cluster.server}";
  const server = new URL(await kubectl(["config", "view", "--minify", "-o", path]));
  const socket = connect(Number(server.port || 443), server.hostname.replace(/^\[|\]$/g, ""));
  try {
    await once(socket, "connect");
    const address = socket.localAddress ?? "";
    if (address !== "" && !/^(127\.|::1$)/.test(address)) return address;
  } finally {
    socket.destroy();
  }
  throw new Error("Set E2E_HOST to the address at which the cluster's pods and nodes reach this machine");
}
