import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { resolveSettings, type Settings } from "../../job/config/settings.ts";
import { chartValues } from "../../job/render/chart-values.ts";
import { jobConfiguration } from "../../job/render/job-settings.ts";
import { renderManifests } from "../../job/render/manifests.ts";
import { parseValues } from "../../job/render/parse-values.ts";
import { valuesOfSettings } from "../../job/render/settings-values.ts";
import { routesOfValues } from "../../job/render/values-routes.ts";

const head = "apiVersion: image-promoter/v1\nkind: Promoter\n";
const settingsOf = (yaml: string, flags: Record<string, unknown> = {}): Settings =>
  resolveSettings({
    flags,
    env: {},
    configuration: loadConfiguration(`${head}${yaml}`, "promoter.yaml"),
  });

const one = "routes: [{from: [a.example/team, b.example], to: c.example}]\n";
const two = "routes: [{from: a.example, to: c.example}, {from: b.example, to: c.example/team}]\n";

describe("valuesOfSettings", () => {
  it("says one route in the words that fit into variables", () => {
    expect(valuesOfSettings(settingsOf(one))).toMatchObject({
      source: { registry: "a.example/team,b.example" },
      destination: { registry: "c.example" },
    });
  });

  it("says several routes as routes", () => {
    expect(valuesOfSettings(settingsOf(two))).toMatchObject({
      routes: [
        { from: ["a.example"], to: "c.example" },
        { from: ["b.example"], to: "c.example/team" },
      ],
    });
  });

  it.each([one, two])("names the routes that routesOfValues reads again", (yaml) => {
    const settings = settingsOf(yaml);
    expect(routesOfValues(chartValues(valuesOfSettings(settings)))).toEqual(settings.routes);
  });

  it("puts together what is said of one registry in several places", () => {
    const yaml = `${one}registries: [{host: c.example, roleArn: "arn:aws:iam::222222222222:role/push"}]\n`;
    const settings = settingsOf(yaml, {
      insecureRegistry: ["c.example", "d.example"],
      registryEndpoint: ["c.example=http://127.0.0.1:1"],
    });
    expect(valuesOfSettings(settings).registries).toEqual([
      {
        host: "c.example",
        roleArn: "arn:aws:iam::222222222222:role/push",
        insecure: true,
        endpoint: "http://127.0.0.1:1/",
      },
      { host: "d.example", insecure: true },
    ]);
  });

  it("says how repositories are created as the configuration does", () => {
    const settings = {
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      exclusionFilters: ["sha256-*"],
      scanOnPush: true,
      encryption: { type: "KMS", kmsKey: "alias/ecr" },
      lifecyclePolicy: { rules: [] },
      repositoryPolicy: { Version: "2012-10-17", Statement: [] },
      tags: { team: "shop" },
    };
    const yaml = `${one}copy: {timeout: 1h30m, createRepositories: ${JSON.stringify(settings)}}\n`;
    expect(valuesOfSettings(settingsOf(yaml)).copy).toEqual({
      overwrite: "mutable",
      referrers: "all",
      concurrency: 16,
      timeout: "1h30m",
      createRepositories: true,
      repositorySettings: settings,
    });
  });

  it("are values that the chart takes, and a configuration that the Job reads again", () => {
    const written = settingsOf(`${two}copy: {createRepositories: {scanOnPush: true}}\nstrict: true\n`);
    const values = { ...valuesOfSettings(written), images: ["c.example/app:1"] };
    const file = renderManifests(values, { name: "shop" }).find(({ path }) => path === "config-map.yaml");
    const json: unknown = parseValues(file?.content ?? "", "config-map.yaml").data;
    const text = (json as { readonly "promoter.yaml": string })["promoter.yaml"];
    const read = resolveSettings({
      flags: {},
      env: {},
      configuration: loadConfiguration(text, "promoter.yaml"),
    });
    expect(read).toMatchObject({ routes: written.routes, createRepositories: written.createRepositories });
  });

  it("says gates and attestations in the chart's words, from which the Job reads the same", () => {
    const pem = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
    const yaml = `${one}gates:
  signature:
    keys: [${JSON.stringify(pem)}]
    identities: [{issuer: "https://i.example.com", subjectPattern: "a*"}]
    trustedRoot: "{}"
  scan: {highest: LOW, ignore: [CVE-1], wait: 90s}
attestation: {enabled: true, key: "awskms:///alias/a", identity: us}
`;
    const settings = settingsOf(yaml);
    const written = jobConfiguration(chartValues(valuesOfSettings(settings)));
    const read = resolveSettings({ flags: {}, env: {}, configuration: loadConfiguration(written, "p.yaml") });
    expect(read.gates).toEqual(settings.gates);
    expect(read.attestation).toEqual(settings.attestation);
    expect(settings.gates.scan).toEqual({ highest: "LOW", ignore: ["CVE-1"], waitMs: 90_000 });
    expect(valuesOfSettings(settingsOf(one))).not.toHaveProperty("gates");
  });

  it("says who is told as the file does, and nothing that a variable holds", () => {
    const notify =
      'notify: [{url: "file:/etc/hook", when: failure, headers: {X-Token: "' + "$" + '{env:TOKEN}"}}]';
    const configuration = loadConfiguration(`${head}${one}${notify}`, "promoter.yaml");
    const env = { PROMOTER_NOTIFY: "https://hooks.slack.com/services/T1/B1/secret" };
    const values = valuesOfSettings(resolveSettings({ flags: {}, env, configuration }));
    expect(JSON.stringify(values)).not.toContain("hooks.slack.com");
    const written = jobConfiguration(chartValues(values));
    const read = resolveSettings({ flags: {}, env: {}, configuration: loadConfiguration(written, "p.yaml") });
    expect(read.notify).toEqual([
      {
        url: "file:/etc/hook",
        format: "auto",
        when: "failure",
        headers: { "x-token": `\${env:TOKEN}` },
        isWritten: true,
      },
    ]);
  });
});
