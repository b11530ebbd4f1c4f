import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { ToolRun } from "../integration/run-tool.ts";
import { type KubectlOptions, kubectl, tryKubectl } from "./kubectl.ts";

/** A namespace of a test's own, in which the restricted Pod Security profile is enforced. */
export interface Namespace {
  readonly name: string;
  /** Runs kubectl in it, which must succeed. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** The same, however it ends. */
  tryKubectl(args: readonly string[], options?: KubectlOptions): Promise<ToolRun>;
  /** What `kubectl get` finds; undefined when it is not there. */
  get<T>(...what: string[]): Promise<T | undefined>;
  /** What `kubectl get` lists. */
  list<T>(...what: string[]): Promise<readonly T[]>;
}

/**
 * Gives the tests around the call a namespace, deleted when they have ended; where one fails, what happened in the
 * namespace is shown.
 */
export function useNamespace(title: string): () => Namespace {
  let namespace: Namespace | undefined;
  beforeAll(async () => {
    namespace = await openNamespace(title);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail" && namespace) console.error(await chronicle(namespace));
  });
  afterAll(async () => {
    if (namespace) await kubectl(["delete", "namespace", namespace.name, "--wait=false"]);
  });
  return () => {
    if (namespace === undefined) throw new Error(`The namespace for ${title} was not made`);
    return namespace;
  };
}

const level = "restricted";

/** Makes a namespace, and waits for what the cluster puts into each. */
async function openNamespace(title: string): Promise<Namespace> {
  const name = `e2e-${title}-${randomBytes(3).toString("hex")}`;
  const labels = Object.fromEntries(
    ["enforce", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]),
  );
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  await kubectl(["create", "-f", "-"], { input: JSON.stringify(object) });
  const namespace = namespaceCalled(name);
  await until(`the default service account of ${name}`, () => namespace.get("serviceaccount", "default"));
  return namespace;
}

function namespaceCalled(name: string): Namespace {
  const within = (args: readonly string[]) => ["--namespace", name, ...args];
  return {
    name,
    kubectl: (args, options) => kubectl(within(args), options),
    tryKubectl: (args, options) => tryKubectl(within(args), options),
    async get<T>(...what: string[]) {
      const text = await kubectl(within(["get", ...what, "--ignore-not-found", "-o", "json"]));
      return text === "" ? undefined : (JSON.parse(text) as T);
    },
    async list<T>(...what: string[]) {
      const text = await kubectl(within(["get", ...what, "-o", "json"]));
      return (JSON.parse(text) as { readonly items: readonly T[] }).items;
    },
  };
}

/** Pods whose logs are shown: of hundreds the first say what the others do. */
const mostLogs = 10;

/** What is in a namespace, what happened to it, and what its pods said last. */
async function chronicle(namespace: Namespace): Promise<string> {
  const pods = await namespace.list<{ metadata: { name: string } }>("pods");
  const parts = await Promise.all([
    namespace.tryKubectl(["get", "all,serviceaccounts,roles,rolebindings,configmaps"]),
    namespace.tryKubectl(["get", "events", "--sort-by=.metadata.creationTimestamp"]),
    ...pods
      .slice(0, mostLogs)
      .map(({ metadata }) =>
        namespace.tryKubectl(["logs", metadata.name, "--all-containers", "--prefix", "--tail=20"]),
      ),
  ]);
  return [namespace.name, ...parts.map(({ stdout, stderr }) => stdout + stderr)].join("\n");
}

/**
 * Asks again, four times a second, until there is an answer.
 * @throws {Error} after `seconds`, naming what was waited for.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { seconds = 60 }: { readonly seconds?: number } = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain for ${what}`);
    await setTimeout(250);
  }
}
