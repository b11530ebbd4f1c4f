import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { runCommand } from "../scenarios/command-run.ts";

const from = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const to = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";

async function rendered(args: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const run = await runCommand(["render", "events", "--output-dir", "out", "--name", "shop", ...args], {
    files,
  });
  expect(run.stderr).not.toContain("error");
  const object = (path: string) => parse(run.written.get(`out/kubernetes/${path}`) ?? "null");
  return { run, object, paths: [...run.written.keys()].map((path) => path.slice(4)) };
}

describe("render events", () => {
  it("writes a Deployment that is hardened, asked how it is, and ended in order", async () => {
    const { object, paths } = await rendered(["--from", from, "--to", to, "-n", "shop", "--network-policy"]);
    expect(paths).toEqual([
      "source-111111111111-eu-west-1.yaml",
      "destination-222222222222.yaml",
      "kubernetes/service-account.yaml",
      "kubernetes/deployment.yaml",
      "kubernetes/pod-disruption-budget.yaml",
      "kubernetes/network-policy.yaml",
    ]);
    const { metadata, spec } = object("deployment.yaml");
    expect(metadata).toMatchObject({ name: "shop-image-promoter-on-push", namespace: "shop" });
    expect(spec.replicas).toBe(2);
    const pod = spec.template.spec;
    expect(pod).toMatchObject({
      restartPolicy: "Always",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    const [container] = pod.containers;
    expect(container).toMatchObject({
      args: ["on-push"],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      readinessProbe: { httpGet: { path: "/readyz", port: "health" } },
      livenessProbe: { httpGet: { path: "/healthz", port: "health" } },
      ports: [{ name: "health", containerPort: 8080 }],
    });
    const variables = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
    );
    expect(variables).toMatchObject({
      PROMOTER_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/111111111111/image-promoter-events",
      PROMOTER_HEALTH: "8080",
      PROMOTER_FROM: from,
      PROMOTER_TO: to,
    });
    expect(Object.keys(variables)).not.toContain("PROMOTER_IMAGES");
    expect(Object.keys(variables)).not.toContain("JOB_NAME");
    expect(Number.parseInt(variables.PROMOTER_DRAIN, 10)).toBeLessThan(pod.terminationGracePeriodSeconds);

    const labels = spec.template.metadata.labels;
    const selectors = [
      spec.selector.matchLabels,
      object("pod-disruption-budget.yaml").spec.selector.matchLabels,
      object("network-policy.yaml").spec.podSelector.matchLabels,
    ];
    for (const selector of selectors) {
      expect(labels).toMatchObject(selector);
      // Pods of Jobs are not meant.
      expect(selector["app.kubernetes.io/component"]).toBe("on-push");
    }
  });

  it("takes a promoter.yaml along whole, and its rules with it", async () => {
    const configuration = `apiVersion: image-promoter/v1
kind: Promoter
routes:
  - from: ${from}
    to: ${to}
sync:
  rules:
    - name: releases
      tags: { semver: ">=1" }
`;
    const { object } = await rendered(["--config", "promoter.yaml"], { "promoter.yaml": configuration });
    expect(object("config-map.yaml").data["promoter.yaml"]).toBe(configuration);
    const [container] = object("deployment.yaml").spec.template.spec.containers;
    const names = container.env.map(({ name }: { name: string }) => name);
    expect(names).toContain("PROMOTER_CONFIG");
    expect(names).not.toContain("PROMOTER_FROM");
  });

  it("writes a Deployment for each queue where there are several sources", async () => {
    const staging = "333333333333.dkr.ecr.us-east-1.amazonaws.com";
    const { object, paths } = await rendered([
      "--from",
      `${staging},${from}`,
      "--to",
      to,
      "--format",
      "terraform",
    ]);
    const deployments = paths.filter((path) => path.includes("/deployment"));
    expect(deployments).toEqual([
      "kubernetes/deployment-333333333333-us-east-1.yaml",
      "kubernetes/deployment-111111111111-eu-west-1.yaml",
    ]);
    expect(paths.filter((path) => path.includes("service-account"))).toHaveLength(1);
    const selectors = deployments.map(
      (path) => object(path.replace("kubernetes/", "")).spec.selector.matchLabels,
    );
    expect(selectors[0]).not.toEqual(selectors[1]);
  });

  it("keeps every value in its place", async () => {
    const argument = "--log-level=debug\n---\nkind: Secret";
    const values = JSON.stringify({ extraArgs: [argument], podAnnotations: { note: "a: {b}\n- c" } });
    const { run } = await rendered(["--from", from, "--to", to, "--values", "values.yaml"], {
      "values.yaml": values,
    });
    const documents = parseAllDocuments(run.written.get("out/kubernetes/deployment.yaml") ?? "");
    expect(documents).toHaveLength(1);
    const { template } = parse(String(documents[0])).spec;
    expect(template.spec.containers[0].args).toEqual(["on-push", argument]);
    expect(template.metadata.annotations).toEqual({ note: "a: {b}\n- c" });
  });

  it.each([
    ["a queue's name", ["--queue-name", "a/b"], "Cannot use --queue-name"],
    ["a role's name", ["--role-name", "a b"], "Cannot use --role-name"],
  ])("refuses what is not %s", async (_, args, message) => {
    const run = await runCommand([
      "render",
      "events",
      "--from",
      from,
      "--to",
      to,
      "--output-dir",
      "out",
      ...args,
    ]);
    expect([run.code, run.written.size]).toEqual([2, 0]);
    expect(run.stderr).toContain(message);
  });
});
