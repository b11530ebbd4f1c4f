import { describe, expect, it } from "vitest";
import { earlyDestinations } from "../../job/start/early-destinations.ts";

const registries = ["promote", "--from", "dev.example.com/team", "--to=prod.example.com:8443"];
const both = [
  { host: "dev.example.com", port: 443, connections: 1 },
  { host: "prod.example.com", port: 8443, connections: 1 },
];

describe("where to connect to before the program is there", () => {
  it.each([
    ["flags", registries, {}],
    [
      "variables",
      ["promote"],
      { PROMOTER_FROM: "dev.example.com/team", PROMOTER_TO: "prod.example.com:8443" },
    ],
    ["flags before variables", registries, { PROMOTER_FROM: "other.example.com" }],
    ["the last flag of several", ["promote", "--from", "x.example.com", ...registries.slice(1)], {}],
    [
      "the first of several sources",
      ["plan", "--from", "dev.example.com,b.example.com", "--to=prod.example.com:8443"],
      {},
    ],
  ])("is what %s say", (_, args, env) => {
    expect(earlyDestinations(args, env)).toEqual(both);
  });

  it("is one place where both are the same", () => {
    const args = ["promote", "--from", "127.0.0.1:5000/dev", "--to", "127.0.0.1:5000/prod"];
    expect(earlyDestinations(args, {})).toEqual([{ host: "127.0.0.1", port: 5000, connections: 1 }]);
  });

  it.each([
    [1, ["prod.example.com:8443/a:1"], {}],
    [3, ["prod.example.com:8443/a:1", "-q", "prod.example.com:8443/b@sha256:0", "x/b:2"], {}],
    [2, [], { PROMOTER_IMAGES: " a:1,\n b:2\n" }],
    [8, Array(40).fill("x/a:1"), {}],
  ])("are %i connections for so many images", (connections, images, env) => {
    const args = ["promote", "--from=dev.example.com", "--to=prod.example.com", ...images];
    expect(earlyDestinations(args, env)).toMatchObject([{ connections }, { connections }]);
  });

  it.each([
    ["another command", ["render", ...registries.slice(1)], {}],
    ["no command", registries.slice(1), {}],
    ["a configuration, by flag", [...registries, "--config", "promoter.yaml"], {}],
    ["a configuration, by flag with =", [...registries, "--config=promoter.yaml"], {}],
    ["a configuration, by variable", registries, { PROMOTER_CONFIG: "promoter.yaml" }],
    ["an endpoint in a registry's place", [...registries, "--registry-endpoint", "a=b"], {}],
    ["an endpoint, by variable", registries, { PROMOTER_REGISTRY_ENDPOINT: "a=b" }],
    ["plain HTTP", registries, { PROMOTER_INSECURE_REGISTRY: "dev.example.com" }],
    ["a proxy", registries, { HTTPS_PROXY: "http://proxy:3128" }],
    ["a proxy in small letters", registries, { http_proxy: "proxy:3128" }],
    [
      "Docker Hub, whose registry has another name",
      ["promote", "--from", "docker.io/team", "--to", "index.docker.io"],
      {},
    ],
    ["what is no host", ["promote", "--from", "https://dev.example.com", "--to", "-x"], {}],
    ["a port that there is not", ["promote", "--from", "a.example.com:65536", "--to"], {}],
    ["one flag in two forms", ["promote", "--from", "a.example.com", "--from=b.example.com"], {}],
  ])("is nowhere with %s", (_, args, env) => {
    expect(earlyDestinations(args, env)).toEqual([]);
  });
});
