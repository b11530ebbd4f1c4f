import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderManifests } from "../../job/render/manifests.ts";

const values = {
  images: ["prod.example.com/app:1"],
  source: { registry: "dev.example.com" },
  destination: { registry: "prod.example.com" },
};

describe("renderManifests", () => {
  it("writes a file for each object, what the Job needs before the Job", () => {
    const files = renderManifests(
      { ...values, extraObjects: [{ kind: "A" }, { kind: "B" }] },
      { name: "shop" },
    );
    expect(files.map(({ path }) => path)).toEqual([
      "service-account.yaml",
      "role.yaml",
      "role-binding.yaml",
      "job.yaml",
      "cron-job.yaml",
      "extra-objects.yaml",
    ]);
    expect(files.at(-1)?.content).toBe('kind: "A"\n---\nkind: "B"\n');
  });

  it("lets nobody set a variable a second time that every Job has", () => {
    const job = renderManifests(values, { name: "shop" }).find(({ path }) => path === "job.yaml");
    const { env } = parse(job?.content ?? "").spec.template.spec.containers[0];
    const names = env.map(({ name }: { name: string }) => name);
    expect(names).toContain("PROMOTER_IMAGES");
    for (const name of names) {
      // Where images come from and go to may be said by variables alone.
      if (name === "PROMOTER_FROM" || name === "PROMOTER_TO") continue;
      const twice = { ...values, extraEnv: [{ name, value: "x" }] };
      expect(() => renderManifests(twice, { name: "shop" }), name).toThrow(/extraEnv/);
    }
  });

  it("gives the pod a folder to write in exactly where it has to fetch whom to trust", () => {
    const podOf = (signature: object) => {
      const files = renderManifests({ ...values, gates: { signature } }, { name: "shop" });
      return parse(files.find(({ path }) => path === "job.yaml")?.content ?? "").spec.template.spec;
    };
    const identities = [{ issuer: "https://issuer.example.com", subject: "me@example.com" }];
    const { containers, volumes } = podOf({ identities });
    expect(containers[0].volumeMounts).toContainEqual({ name: "temporary", mountPath: "/tmp" });
    expect(volumes).toContainEqual({ name: "temporary", emptyDir: { sizeLimit: "64Mi" } });
    expect(containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    for (const other of [{ identities, trustedRoot: "/etc/root.json" }, { keys: ["/etc/cosign.pub"] }]) {
      expect(JSON.stringify(podOf(other))).not.toContain("/tmp");
    }
  });

  it("writes nothing without images", () => {
    expect(renderManifests({}, { name: "shop" })).toEqual([]);
  });

  it("names a namespace where one is known", () => {
    const objects = (namespace?: string) =>
      renderManifests(values, { name: "shop", ...(namespace && { namespace }) }).map(({ content }) =>
        parse(content),
      );
    for (const object of objects("apps")) expect(object.metadata.namespace).toBe("apps");
    for (const object of objects()) expect(object.metadata).not.toHaveProperty("namespace");
  });

  it("gives the Job another name when anything of it changes", () => {
    const nameOf = (more: object) => {
      const files = renderManifests({ ...values, ...more }, { name: "shop" });
      return parse(files.find(({ path }) => path === "job.yaml")?.content ?? "").metadata.name;
    };
    const names = [
      {},
      { images: ["prod.example.com/app:2"] },
      { resources: { limits: { memory: "1Gi" } } },
      { registries: [{ host: "dev.example.com", insecure: true }] },
      { job: { backoffLimit: 3 } },
    ].map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    // What is not of its spec leaves the name: nothing else would run.
    expect(nameOf({ hook: { wave: 5 }, job: { labels: { a: "b" } }, cronJob: { enabled: false } })).toBe(
      names[0],
    );
  });

  it.each([
    [{ images: values.images }, "InvalidConfiguration", /nobody said where they come from/],
    [
      { images: values.images, source: values.source },
      "InvalidConfiguration",
      /source and destination belong together/,
    ],
    [
      { ...values, routes: [{ to: "a.example.com", from: "b.example.com" }] },
      "InvalidConfiguration",
      /routes stand instead/,
    ],
    [{ ...values, images: ["{{ .Values.image }}"] }, "InvalidReference", /is a template of Helm/],
    [{ ...values, images: ["prod.example.com/App:1"] }, "InvalidReference", /App/],
  ])("refuses %j", (wrong, code, message) => {
    expect(() => renderManifests(wrong, { name: "shop" })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it("takes images without a route from whoever sets the variables by hand", () => {
    const files = renderManifests(
      { images: values.images, extraEnvFrom: [{ configMapRef: { name: "promoter" } }] },
      { name: "shop" },
    );
    expect(files.length).toBeGreaterThan(0);
  });
});
