import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { buildProgram } from "../../../job/cli.ts";
import { loadConfiguration } from "../../../job/config/load.ts";
import { renderManifests } from "../../../job/render/manifests.ts";

const route = { source: { registry: "dev.example.com/team" }, destination: { registry: "prod.example.com" } };
const options = { name: "promoter", namespace: "platform" };

interface Conditioned {
  readonly name: string;
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
}

function rendered(values: object, path: string) {
  const file = renderManifests({ ...route, ...values }, options).find((candidate) => candidate.path === path);
  return file === undefined ? undefined : parse(file.content);
}

const webhooksOf = (values: object): readonly Conditioned[] =>
  rendered(
    { ...values, serve: { enabled: true, workloads: ["cronjobs", "deployments"] } },
    "serve/mutating-webhook.yaml",
  ).webhooks;

describe("what the API server asks about", () => {
  it("are images of either end of the routes, wherever a kind has its pods", () => {
    const [pods, workloads, cronJobs] = webhooksOf({}).map(({ matchConditions }) =>
      matchConditions.find(({ name }) => name === "routed-images"),
    );
    expect(pods?.expression).toContain("object.spec.?initContainers.orValue([])");
    expect(workloads?.expression).toContain("object.spec.?template.?spec.?containers.orValue([])");
    expect(cronJobs?.expression).toContain(
      "object.spec.?jobTemplate.?spec.?template.?spec.?volumes.orValue([])",
    );
    for (const condition of [pods, workloads, cronJobs]) {
      // With the slash: prod.example.com.evil.org is nobody of ours.
      expect(condition?.expression).toContain("['prod.example.com/', 'dev.example.com/team/'].exists(p");
    }
  });

  it.each([
    ["every image has to have a route", { strict: true }],
    ["names may be written without their host", { source: { registry: "docker.io/library" } }],
  ])("is every image where %s", (_, values) => {
    const names = webhooksOf(values).flatMap(({ matchConditions }) =>
      matchConditions.map(({ name }) => name),
    );
    expect(names).toContain("changed");
    expect(names).not.toContain("routed-images");
  });

  it("is never the webhook's own namespace or Kubernetes' own, whatever else is left out", () => {
    const serve = { enabled: true, excludedNamespaces: ["apps", "kube-system"] };
    const { webhooks } = rendered({ serve }, "serve/mutating-webhook.yaml");
    expect(webhooks[0].namespaceSelector.matchExpressions).toEqual([
      {
        key: "kubernetes.io/metadata.name",
        operator: "NotIn",
        values: ["platform", "kube-system", "kube-node-lease", "apps"],
      },
    ]);
  });
});

describe.each([
  ["serve", "serve/deployment.yaml", { serve: { enabled: true } }],
  [
    "serve with files",
    "serve/deployment.yaml",
    { serve: { enabled: true, watch: false, tls: { mode: "cert-manager" } } },
  ],
  ["update", "update/deployment.yaml", { update: { enabled: true, clusterApplications: true } }],
])("the container of %s", (_, path, values) => {
  it("is called with what the command takes", async () => {
    const { args } = rendered(values, path).spec.template.spec.containers[0];
    const quiet = { write: () => true };
    let called = false;
    const program = buildProgram(
      () => async () => {
        called = true;
      },
      { stdout: quiet, stderr: quiet } as unknown as Parameters<typeof buildProgram>[1],
    );
    await program.parseAsync(args, { from: "user" });
    expect(called).toBe(true);
  });

  it("is configured by what promoter.yaml takes", () => {
    const configMap = rendered(values, path.replace("deployment", "config-map"));
    const { routes } = loadConfiguration(configMap.data["promoter.yaml"], "promoter.yaml");
    expect(routes).toEqual([{ to: "prod.example.com", from: ["dev.example.com/team"] }]);
  });
});

describe("rights", () => {
  const rolesOf = (serve: object) => {
    const role = rendered({ serve: { enabled: true, ...serve } }, "serve/role.yaml");
    const clusterRole = rendered({ serve: { enabled: true, ...serve } }, "serve/cluster-role.yaml");
    return [role, clusterRole].map((each) =>
      (each?.rules ?? []).map(({ resources }: { resources: readonly string[] }) => resources.join()),
    );
  };

  it("are given for what is done", () => {
    expect(rolesOf({})).toEqual([
      ["secrets", "secrets", "leases", "leases"],
      ["namespaces", "mutatingwebhookconfigurations,validatingwebhookconfigurations", "pods", "events"],
    ]);
    expect(rolesOf({ watch: false, tls: { mode: "secret", secret: "tls" } })).toEqual([[], ["namespaces"]]);
  });
});

describe("a service", () => {
  it.each([
    [
      { serve: { enabled: true }, source: {}, destination: {} },
      options,
      /nobody said where images come from/,
    ],
    [{ serve: { enabled: true } }, { name: "promoter" }, /no namespace is named/],
    [{ serve: { enabled: true, tls: { mode: "secret" } } }, options, /serve\.tls\.secret/],
    [{ serve: { enabled: true, webhook: { policy: "whatever" } } }, options, /serve\.webhook\.policy/],
    [{ update: { enabled: true, clusterApplications: true } }, { name: "promoter" }, /no namespace is named/],
  ])("is not rendered where it could only fail: %j", (values, given, message) => {
    const whole = "source" in values ? values : { ...route, ...values };
    expect(() => renderManifests(whole, given)).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration", message: expect.stringMatching(message) }),
    );
  });
});
