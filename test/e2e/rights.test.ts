import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { renderChart } from "./chart.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import { useNamespace } from "./namespace.ts";
import { describeInCluster } from "./world.ts";

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

const forbidden = { code: 1, stderr: expect.stringContaining(" is forbidden: ") };

describeInCluster("the rights of the Job's service account", (world) => {
  const namespace = useNamespace("rights");
  let folder: string;
  /** Kubeconfigs with the tokens of the Job's account, and of one that nobody gave a role. */
  let promoter: string;
  let nobody: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "e2e-rights-"));
    const { name } = namespace();
    // An ordinary Job keeps its account when it is done; it may be as good as any other for what is asked here.
    const manifests = await renderChart(world, name, { hook: { engine: "none" } });
    await namespace().kubectl(["apply", "-f", "-"], { input: manifests });
    await namespace().kubectl(["create", "serviceaccount", "nobody"]);
    promoter = await kubeconfigOf("promoter-image-promoter");
    nobody = await kubeconfigOf("nobody");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("are those of any account, and to create Events", async () => {
    const [own, anybodys] = [await rulesOf(promoter), await rulesOf(nobody)];
    const more = own.filter((rule) => !anybodys.includes(rule));
    expect(more.map((rule) => JSON.parse(rule))).toEqual([
      { verbs: ["create"], apiGroups: ["events.k8s.io"], resources: ["events"] },
    ]);
  });

  it("let it create an Event in its own namespace", async () => {
    expect(await createEvent("events.k8s.io/v1", namespace().name)).toMatchObject({ code: 0, stderr: "" });
  });

  it.each([
    "get events.events.k8s.io",
    "delete events.events.k8s.io --all",
    "get pods",
    "get jobs",
    "get secrets",
    "get configmaps",
    "get serviceaccounts",
    "create job other --image=example.com/app:1",
    "create token promoter-image-promoter",
    "create configmap other",
    "get pods --namespace=default",
    "get namespaces",
  ])("do not let it %s", async (command) => {
    expect(await asPromoter(command.split(" "))).toMatchObject(forbidden);
  });

  it("do not let it create Events elsewhere, or of the old kind", async () => {
    expect(await createEvent("events.k8s.io/v1", "default")).toMatchObject(forbidden);
    expect(await createEvent("v1", namespace().name)).toMatchObject(forbidden);
  });

  function asPromoter(args: readonly string[], input = "") {
    return tryKubectl(["--namespace", namespace().name, ...args], { kubeconfig: promoter, input });
  }

  function createEvent(apiVersion: "v1" | "events.k8s.io/v1", where: string) {
    const about = { apiVersion: "batch/v1", kind: "Job", name: "promoter", namespace: where };
    const event = {
      apiVersion,
      kind: "Event",
      metadata: { generateName: "promoter-", namespace: where },
      eventTime: "2020-01-01T00:00:00.000000Z",
      type: "Normal",
      reason: "ImagesPromoted",
      action: "Promote",
      reportingInstance: "pod",
      ...(apiVersion === "v1"
        ? { involvedObject: about, reportingComponent: "image-promoter" }
        : { regarding: about, reportingController: "image-promoter" }),
    };
    return asPromoter(["create", "--validate=false", "--namespace", where, "-f", "-"], JSON.stringify(event));
  }

  /** A kubeconfig that has nothing of the tests' own identity. */
  async function kubeconfigOf(account: string): Promise<string> {
    const config = JSON.parse(
      await kubectl(["config", "view", "--raw", "--flatten", "--minify", "-o", "json"]),
    );
    const token = (await namespace().kubectl(["create", "token", account])).trim();
    const file = join(folder, account);
    const users = config.users.map(({ name }: { name: string }) => ({ name, user: { token } }));
    await writeFile(file, JSON.stringify({ ...config, users }));
    return file;
  }

  /** What the API server itself says that an account may do in the namespace. */
  async function rulesOf(kubeconfig: string): Promise<readonly string[]> {
    const review = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      spec: { namespace: namespace().name },
    };
    const answer = await kubectl(["create", "--validate=false", "-f", "-", "-o", "json"], {
      kubeconfig,
      input: JSON.stringify(review),
    });
    const { resourceRules, incomplete } = JSON.parse(answer).status;
    expect(incomplete).toBe(false);
    return resourceRules.map((rule: Rule) => JSON.stringify(rule));
  }
});
