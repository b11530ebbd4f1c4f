import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { configurationPath, resolveSettings } from "../../job/config/settings.ts";
import { formatReference } from "../../job/oci/reference.ts";
import { thrownBy } from "../images/thrown-by.ts";

const load = (text: string) =>
  loadConfiguration(`apiVersion: image-promoter/v1\nkind: Promoter\n${text}`, "p.yaml");
const none = { flags: {}, env: {} };

describe("precedence", () => {
  it("defaults", () => {
    expect(resolveSettings(none)).toEqual({
      environments: [],
      routes: [],
      images: [],
      filenames: [],
      imagesFiles: [],
      imagePaths: [],
      registries: [],
      insecureRegistries: [],
      endpoints: new Map(),
      blobHosts: [],
      concurrency: 16,
      overwrite: "mutable",
      referrers: "all",
      strict: false,
      dryRun: false,
      createRepositories: false,
      gates: {},
      output: "text",
      logLevel: "info",
      logFormat: "auto",
      quotaShare: 1,
      ecrQuotas: new Map(),
      notify: [],
      missingOnly: false,
    });
  });

  const file = load(
    "copy: {concurrency: 2, timeout: 2m, overwrite: never, referrers: none, createRepositories: true}\nstrict: true\nimagePaths: [spec.file]\n",
  );

  it.each([
    ["concurrency", "concurrency", "3", "PROMOTER_CONCURRENCY", "4", [2, 4, 3]],
    ["timeoutMs", "timeout", "3m", "PROMOTER_TIMEOUT", "4m", [120_000, 240_000, 180_000]],
    ["overwrite", "overwrite", "never", "PROMOTER_OVERWRITE", "mutable", ["never", "mutable", "never"]],
    ["referrers", "referrers", "required", "PROMOTER_REFERRERS", "all", ["none", "all", "required"]],
    ["strict", "strict", true, "PROMOTER_STRICT", "false", [true, false, true]],
    ["createRepositories", "createRepositories", true, "PROMOTER_CREATE_REPOSITORIES", "no", [{}, false, {}]],
    [
      "imagePaths",
      "imagePath",
      ["spec.flag", "spec.other"],
      "PROMOTER_IMAGE_PATH",
      "spec.variable",
      [
        [{ steps: ["spec", "file"] }],
        [{ steps: ["spec", "variable"] }],
        [{ steps: ["spec", "flag"] }, { steps: ["spec", "other"] }],
      ],
    ],
  ] as const)("%s: flag before variable before file", (name, flag, flagValue, variable, text, expected) => {
    const [ofFile, ofVariable, ofFlag] = expected;
    const env = { [variable]: text };
    expect(resolveSettings({ ...none, configuration: file })[name]).toEqual(ofFile);
    expect(resolveSettings({ flags: {}, env, configuration: file })[name]).toEqual(ofVariable);
    expect(resolveSettings({ flags: { [flag]: flagValue }, env, configuration: file })[name]).toEqual(ofFlag);
    expect(resolveSettings({ flags: {}, env: { [variable]: " " }, configuration: file })[name]).toEqual(
      ofFile,
    );
  });

  it.each([
    ["output", "output", "PROMOTER_OUTPUT", "json", "yaml"],
    ["logLevel", "logLevel", "PROMOTER_LOG_LEVEL", "debug", "error"],
    ["logFormat", "logFormat", "PROMOTER_LOG_FORMAT", "text", "json"],
    ["dryRun", "dryRun", "PROMOTER_DRY_RUN", "true", "false"],
  ] as const)("%s: flag before variable", (name, flag, variable, ofFlag, ofVariable) => {
    const env = { [variable]: ofVariable };
    expect(String(resolveSettings({ flags: {}, env })[name])).toBe(ofVariable);
    expect(String(resolveSettings({ flags: { [flag]: ofFlag }, env })[name])).toBe(ofFlag);
  });

  it("a flag that is denied goes before a variable", () => {
    expect(resolveSettings({ flags: { strict: false }, env: { PROMOTER_STRICT: "true" } }).strict).toBe(
      false,
    );
  });

  it("files to read", () => {
    const env = { PROMOTER_FILENAME: "a.yaml,b.yaml", PROMOTER_IMAGES_FILE: "-", PROMOTER_CONFIG: "p.yaml" };
    expect(resolveSettings({ flags: {}, env })).toMatchObject({
      filenames: ["a.yaml", "b.yaml"],
      imagesFiles: ["-"],
    });
    expect(resolveSettings({ flags: { filename: ["c.yaml"] }, env }).filenames).toEqual(["c.yaml"]);
    expect(configurationPath({ flags: {}, env })).toBe("p.yaml");
    expect(configurationPath({ flags: { config: "q.yaml" }, env })).toBe("q.yaml");
    expect(configurationPath(none)).toBeUndefined();
  });
});

describe("routes", () => {
  const configuration = load("routes: [{to: a.b/x, from: c.d}, {to: e.f, from: [g.h, i.j/k]}]\n");
  const ends = (host: string, prefix = "") => ({ host, prefix });

  it("come from the file", () => {
    expect(resolveSettings({ ...none, configuration }).routes).toEqual([
      { to: ends("a.b", "x"), from: [ends("c.d")] },
      { to: ends("e.f"), from: [ends("g.h"), ends("i.j", "k")] },
    ]);
  });

  it("are one when flags or variables name it", () => {
    const input = { flags: { from: "s.t,u.v/w" }, env: { PROMOTER_TO: "y.z" }, configuration };
    expect(resolveSettings(input).routes).toEqual([
      { to: ends("y.z"), from: [ends("s.t"), ends("u.v", "w")] },
    ]);
  });

  it.each([
    [{ from: "a.b" }, "A route needs both ends: --from is given, --to is not", "Add --to or set PROMOTER_TO"],
    [
      { to: "a.b" },
      "A route needs both ends: --to is given, --from is not",
      "Add --from or set PROMOTER_FROM",
    ],
  ])("need both ends: %j", (flags, message, hint) => {
    expect(thrownBy(() => resolveSettings({ flags, env: {} }))).toMatchObject({
      code: "Usage",
      message,
      hint,
    });
  });
});

describe("environments", () => {
  const configuration = load(`environments:
  development: {registry: dev.test, roleArn: "arn:aws:iam::111111111111:role/pull"}
  staging: {registry: stage.test, promotesFrom: [development]}
  production:
    registry: prod.test
    prefix: p
    promotesFrom: [staging, development]
    routes: [{to: prod.test/mirror, from: public.test}]
    images: {exclude: [agent]}
    strict: true
    copy: {overwrite: never, createRepositories: {scanOnPush: true}}
copy: {overwrite: mutable, concurrency: 3}
routes: [{to: other.test, from: dev.test}]
registries: [{host: prod.test, insecure: true}]
`);
  const inside = (flags: Record<string, unknown>, env = {}) => resolveSettings({ flags, env, configuration });
  const ends = (host: string, prefix = "") => ({ host, prefix });

  it.each([
    ["flag", { environment: "production" }, { PROMOTER_ENVIRONMENT: "staging" }],
    ["variable", {}, { PROMOTER_ENVIRONMENT: "production" }],
  ])("chosen by %s: routes, roles and options of all and of its own", (_, flags, env) => {
    const settings = inside(flags, env);
    expect(settings.environment?.name).toBe("production");
    expect(settings.environments.map(({ name }) => name)).toEqual(["development", "staging", "production"]);
    expect(settings).toMatchObject({ strict: true, overwrite: "never", concurrency: 3 });
    expect(settings.createRepositories).toEqual({ scanOnPush: true });
    expect(settings.routes).toEqual([
      { to: ends("other.test"), from: [ends("dev.test")] },
      { to: ends("prod.test", "mirror"), from: [ends("public.test")] },
      {
        to: ends("prod.test", "p"),
        from: [ends("stage.test"), ends("dev.test")],
        selection: { exclude: ["agent"] },
      },
    ]);
    expect(settings.registries).toEqual([
      { host: "prod.test", insecure: true },
      { host: "dev.test", roleArn: "arn:aws:iam::111111111111:role/pull" },
    ]);
  });

  it("leave flags and variables their say", () => {
    const settings = inside({ environment: "production", from: "a.b", to: "c.d", overwrite: "mutable" });
    expect(settings.routes).toEqual([{ to: ends("c.d"), from: [ends("a.b")] }]);
    expect(settings.overwrite).toBe("mutable");
    expect(inside({ environment: "production" }, { PROMOTER_STRICT: "false" }).strict).toBe(false);
  });

  it("give the options of one to no other", () => {
    const settings = inside({ environment: "staging" });
    expect(settings).toMatchObject({ strict: false, overwrite: "mutable", createRepositories: false });
    expect(settings.routes.map(({ to }) => to.host)).toEqual(["other.test", "stage.test"]);
  });

  it("need a name where several promote", () => {
    expect(inside({})).not.toHaveProperty("environment");
    expect(inside({}).routes).toEqual([{ to: ends("other.test"), from: [ends("dev.test")] }]);
  });

  it("need none where one promotes", () => {
    const one = load("environments: {dev: {registry: d.e}, prod: {registry: p.q, promotesFrom: [dev]}}\n");
    expect(resolveSettings({ ...none, configuration: one })).toMatchObject({
      environment: { name: "prod" },
      routes: [{ to: ends("p.q"), from: [ends("d.e")] }],
    });
  });

  it("give way to a route that is written", () => {
    const written = load(
      "environments: {dev: {registry: d.e}, prod: {registry: p.q, promotesFrom: [dev]}}\nroutes: [{to: p.q, from: x.y}]\n",
    );
    expect(resolveSettings({ ...none, configuration: written }).routes).toEqual([
      { to: ends("p.q"), from: [ends("x.y")] },
    ]);
  });

  it("leave the role to an entry for the host that has one", () => {
    const written = load(
      "environments: {dev: {registry: d.e, roleArn: 'arn:aws:iam::111111111111:role/a'}, prod: {registry: p.q, promotesFrom: [dev]}}\n" +
        "registries: [{host: d.e, roleArn: 'arn:aws:iam::111111111111:role/b'}, {host: '*.e', roleArn: 'arn:aws:iam::111111111111:role/c'}]\n",
    );
    expect(
      resolveSettings({ ...none, configuration: written }).registries.map(({ roleArn }) => roleArn),
    ).toEqual(["arn:aws:iam::111111111111:role/b", "arn:aws:iam::111111111111:role/c"]);
  });

  it.each([
    [
      { environment: "prodction" },
      configuration,
      'No environment is called "prodction", did you mean "production"?',
    ],
    [{ environment: "production" }, undefined, "No configuration says what the environment production is"],
  ])("are refused when unknown: %j", (flags, file, message) => {
    const error = thrownBy(() => resolveSettings({ flags, env: {}, configuration: file }));
    expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining(message) });
  });
});

describe("images", () => {
  const configuration = load("images: [a.b/file:1]\n");
  const named = (input: Parameters<typeof resolveSettings>[0]) =>
    resolveSettings(input).images.map(({ reference, origin }) => [origin.source, formatReference(reference)]);

  it("come from arguments, else the variable, else the file", () => {
    const env = { PROMOTER_IMAGES: "a.b/v:1,a.b/v:2" };
    expect(named({ flags: {}, env, configuration, arguments: ["a.b/arg:1"] })).toEqual([
      ["arguments", "a.b/arg:1"],
    ]);
    expect(named({ flags: {}, env, configuration, arguments: [] })).toEqual([
      ["PROMOTER_IMAGES", "a.b/v:1"],
      ["PROMOTER_IMAGES", "a.b/v:2"],
    ]);
    expect(named({ ...none, configuration })).toEqual([["p.yaml", "a.b/file:1"]]);
  });
});

describe("registries", () => {
  const configuration = load(
    "registries: [{host: a.b, insecure: true, endpoint: 'http://127.0.0.1:1'}, {host: c.d, endpoint: 'http://127.0.0.1:2'}, {host: '*.dkr.ecr.eu-west-1.amazonaws.com', endpoint: 'http://127.0.0.1:5'}]\n",
  );
  const input = {
    flags: { insecureRegistry: ["e.f"], registryEndpoint: ["a.b=http://127.0.0.1:4"] },
    env: {
      PROMOTER_INSECURE_REGISTRY: "a.b,g.h",
      PROMOTER_REGISTRY_ENDPOINT: "a.b=http://127.0.0.1:3,*.i.j=https://k.l",
    },
    configuration,
  };

  it("insecure ones add up", () => {
    expect(resolveSettings(input).insecureRegistries.toSorted()).toEqual(["a.b", "e.f", "g.h"]);
  });

  it("endpoints add up, flags first", () => {
    const endpoints = [...resolveSettings(input).endpoints].map(([host, url]) => [host, url.href]);
    expect(endpoints.toSorted()).toEqual([
      ["*.dkr.ecr.eu-west-1.amazonaws.com", "http://127.0.0.1:5/"],
      ["*.i.j", "https://k.l/"],
      ["a.b", "http://127.0.0.1:4/"],
      ["c.d", "http://127.0.0.1:2/"],
    ]);
  });
});

describe("how repositories are created", () => {
  const configuration = load(`copy:
  createRepositories:
    imageTagMutability: IMMUTABLE
    exclusionFilters: [sha256-*]
    lifecyclePolicy: {rules: []}
    encryption: {type: AES256}
    tags: {team: web}
`);
  const settings = {
    mutability: { mode: "IMMUTABLE_WITH_EXCLUSION", exclusions: ["sha256-*"] },
    lifecyclePolicy: '{"rules":[]}',
    encryption: { type: "AES256" },
    tags: { team: "web" },
  };

  it("is the file's, also when a flag says that they are", () => {
    expect(resolveSettings({ ...none, configuration }).createRepositories).toEqual(settings);
    const flags = { createRepositories: true };
    expect(resolveSettings({ flags, env: {}, configuration }).createRepositories).toEqual(settings);
    expect(resolveSettings({ flags, env: {} }).createRepositories).toEqual({});
  });

  it("is nothing when a variable says that they are not", () => {
    const env = { PROMOTER_CREATE_REPOSITORIES: "false" };
    expect(resolveSettings({ flags: {}, env, configuration }).createRepositories).toBe(false);
  });
});

describe("faults name where a value came from", () => {
  it.each([
    [{ concurrency: "0" }, {}, "Usage", '--concurrency: Cannot use "0": it is no number of transfers'],
    [{ insecureRegistry: ["x y"] }, {}, "Usage", '--insecure-registry: "x y" is no registry host'],
    [
      {},
      { PROMOTER_TIMEOUT: "5" },
      "InvalidConfiguration",
      'PROMOTER_TIMEOUT: Cannot use "5": it is no duration',
    ],
    [
      {},
      { PROMOTER_STRICT: "x" },
      "InvalidConfiguration",
      'PROMOTER_STRICT: Cannot use "x": it is neither true nor false',
    ],
    [{ output: "xml" }, {}, "Usage", '--output: Cannot use "xml": it is no choice here'],
    [
      {},
      { PROMOTER_FROM: "dev", PROMOTER_TO: "a.b" },
      "InvalidConfiguration",
      'PROMOTER_FROM: Cannot read the registry "dev": "dev" has neither a dot nor a port',
    ],
    [
      {},
      { PROMOTER_REGISTRY_ENDPOINT: "a.b=http://u:p@c.d" },
      "InvalidConfiguration",
      "PROMOTER_REGISTRY_ENDPOINT: The endpoint holds credentials",
    ],
  ])("%j %j", (flags, env, code, message) => {
    expect(thrownBy(() => resolveSettings({ flags, env: { ...env } }))).toMatchObject({ code, message });
  });
});
