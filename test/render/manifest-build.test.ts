import { describe, expect, it } from "vitest";
import { buildCommand, lacksDependencies } from "../../job/render/manifest-build.ts";

describe("buildCommand", () => {
  it("builds an overlay", () => {
    expect(buildCommand("kustomize", { name: "shop", env: {} })).toEqual({
      program: "kustomize",
      args: ["build", "."],
    });
  });

  it("renders a chart for the cluster that Argo CD tells of", () => {
    const env = { ARGOCD_APP_NAMESPACE: "shop", KUBE_VERSION: "1.33.1", KUBE_API_VERSIONS: "v1,apps/v1" };
    expect(buildCommand("helm", { name: "web", env }).args).toEqual([
      "template",
      "web",
      ".",
      "--include-crds",
      "--namespace=shop",
      "--kube-version=1.33.1",
      "--api-versions=v1",
      "--api-versions=apps/v1",
    ]);
  });

  const parameters = (list: unknown, path = "apps/web") =>
    buildCommand("helm", {
      name: "web",
      env: { ARGOCD_APP_PARAMETERS: JSON.stringify(list), ARGOCD_APP_SOURCE_PATH: path },
    }).args.slice(4);

  it("takes the parameters of the Application", () => {
    expect(
      parameters([
        { name: "values-files", array: ["values-prod.yaml", "../shared.yaml", "../../root.yaml"] },
        { name: "helm-parameters", map: { "image.tag": "1.2.3" } },
        { name: "something-else", string: "x" },
      ]),
    ).toEqual([
      "--values=values-prod.yaml",
      "--values=../shared.yaml",
      "--values=../../root.yaml",
      "--set=image.tag=1.2.3",
    ]);
  });

  it.each([
    "/etc/passwd",
    "../../../outside.yaml",
    "a/../../../../outside.yaml",
    "https://example.com/values.yaml",
    "file:///etc/passwd",
  ])("refuses a values file outside of the repository: %s", (file) => {
    expect(() => parameters([{ name: "values-files", array: [file] }])).toThrow(
      expect.objectContaining({
        code: "InvalidInput",
        message: expect.stringContaining("not inside the repository"),
      }),
    );
  });

  it.each(["{", "{}", "1"])("refuses parameters that are no list: %s", (json) => {
    expect(() => buildCommand("helm", { name: "web", env: { ARGOCD_APP_PARAMETERS: json } })).toThrow(
      expect.objectContaining({ code: "InvalidInput" }),
    );
  });

  it("never lets a value become an option of its own", () => {
    expect(parameters([{ name: "values-files", array: ["--post-renderer=x"] }])).toEqual([
      "--values=--post-renderer=x",
    ]);
  });
});

it("knows Helm's words for missing dependencies", () => {
  expect(
    lacksDependencies(
      "Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: image-promoter",
    ),
  ).toBe(true);
  expect(lacksDependencies("Error: values don't meet the specifications")).toBe(false);
});
