import { describe, expect, it } from "vitest";
import { artifact, referrer, signature, withAttestations } from "../fixtures/attachments.ts";
import { image, index } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import {
  keyArn,
  type Policies,
  type PolicyWorld,
  policyWorld,
  renderedPolicies,
  withoutEachAction,
} from "./rendered-policies.ts";
import { devAccount, devHost, prodAccount, prodHost, region } from "./two-accounts.ts";

/** A promotion under the rendered policies: says what kept it from passing, nothing when it passed. */
type Scenario = (world: PolicyWorld) => Promise<readonly string[]>;

async function promote(world: PolicyWorld, args: readonly string[], files: Record<string, string> = {}) {
  const run = await world.run(["promote", "-o", "json", "--log-format", "json", ...args], { files });
  if (run.stdout === "") return { images: [], summary: { bytesMounted: 0 }, faults: [run.stderr] };
  const report = JSON.parse(run.stdout) as {
    images: { status: string; warnings: string[]; error?: { message: string } }[];
    summary: { bytesMounted: number };
  };
  const warned = run.stderr.split("\n").filter((line) => /"level":"?(warn|error|40|50)/.test(line));
  const faults = report.images.flatMap(({ status, warnings, error }) => [
    ...warnings,
    ...(status === "copied" ? [] : [`${status}: ${error?.message}`]),
  ]);
  return { ...report, faults: [...faults, ...warned] };
}

/** All shapes of images, with whatever is attached to them. */
const shapes: Scenario = async (world) => {
  const app = multiPlatform();
  const sbom = referrer(app);
  const cosign = signature(app);
  const fixtures = {
    "team/image": image({ seed: 2 }),
    "team/docker": image({ seed: 3, family: "docker" }),
    "team/attested": withAttestations([image({ seed: 4 }), image({ seed: 5 })]),
    "team/nested": index([multiPlatform({ seed: 6 }), image({ seed: 7 })]),
    "team/empty": index([]),
    "team/artifact": artifact(),
    "team/app": app,
  };
  const names = Object.entries(fixtures).map(([name, fixture]) => {
    placeImage(world.dev(name), fixture, { tags: ["1"] });
    world.prod(name);
    return `${prodHost}/${name}:1`;
  });
  for (const each of [sbom, referrer(sbom, "application/vnd.example.signature")])
    placeImage(world.dev("team/app"), each);
  placeImage(world.dev("team/app"), cosign.fixture, { tags: [cosign.tag] });
  const { images, faults } = await promote(world, names);
  return images.length === names.length ? faults : [...faults, "not all images"];
};

/** Layers that images share are mounted from one repository into the other. */
const mounts: Scenario = async (world) => {
  world.emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
  const base = [layerArchive(200_000, 9_001)];
  for (const [name, seed] of [
    ["team/api", 43],
    ["team/web", 44],
  ] as const) {
    placeImage(world.dev(name), image({ base, seed }), { tags: ["1"] });
    world.prod(name);
  }
  const { summary, faults } = await promote(world, [`${prodHost}/team/api:1`, `${prodHost}/team/web:1`]);
  return summary.bytesMounted > 0 ? faults : [...faults, "nothing was mounted"];
};

/** A proxy takes no whole layer: it goes in chunks. */
const chunks: Scenario = async (world) => {
  placeImage(world.dev("team/app"), image(), { tags: ["1"] });
  world.prod("team/app");
  const tooLarge = { do: "status", status: 413 } as const;
  world.emulator.faults.add({ kind: "upload-finish", account: prodAccount, times: 1 }, tooLarge);
  return (await promote(world, [`${prodHost}/team/app:1`])).faults;
};

/** The repository is created with every kind of setting. */
const creates =
  (kmsKey: string): Scenario =>
  async (world) => {
    placeImage(world.dev("team/new"), image(), { tags: ["1"] });
    const policy = `{Version: "2012-10-17", Statement: [{Sid: Own, Effect: Allow, Principal: {AWS: "${prodAccount}"}, Action: "ecr:BatchGetImage"}]}`;
    const rule =
      "{rulePriority: 1, selection: {tagStatus: untagged, countType: sinceImagePushed, countUnit: days, countNumber: 9}, action: {type: expire}}";
    const config = `apiVersion: image-promoter/v1
kind: Promoter
copy:
  createRepositories:
    imageTagMutability: IMMUTABLE
    encryption: { type: KMS, kmsKey: "${kmsKey}" }
    tags: { team: payments }
    repositoryPolicy: ${policy}
    lifecyclePolicy: { rules: [${rule}] }
`;
    const { faults } = await promote(world, [`${prodHost}/team/new:1`, "--config", "promoter.yaml"], {
      "promoter.yaml": config,
    });
    const made = world.prod("team/new");
    const isWhole = made.policyText !== undefined && made.lifecyclePolicyText !== undefined;
    return isWhole && made.tags.get("team") === "payments" ? faults : [...faults, "not all settings"];
  };

/** `doctor` can answer every question. */
const examines: Scenario = async (world) => {
  world.emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
  placeImage(world.dev("team/app"), image(), { tags: ["2"] });
  placeImage(world.prod("team/app"), image({ seed: 2 }), { tags: ["1"] });
  placeImage(world.prod("team/app"), image(), { tags: ["old"] });
  // A rule about what is there already makes doctor ask when that came.
  world.prod("team/app").lifecyclePolicyText = JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        selection: {
          tagStatus: "tagged",
          tagPrefixList: ["x"],
          countType: "imageCountMoreThan",
          countNumber: 9,
        },
        action: { type: "expire" },
      },
    ],
  });
  const run = await world.run(["doctor", "-o", "json", `${prodHost}/team/app:2`]);
  if (run.stdout === "") return [run.stderr];
  const { checks } = JSON.parse(run.stdout) as { checks: { status: string; message: string }[] };
  return checks.filter(({ status }) => status !== "ok").map(({ message }) => message);
};

const roleConfig = `apiVersion: image-promoter/v1
kind: Promoter
registries:
  - host: ${devHost}
    roleArn: arn:aws:iam::${devAccount}:role/pull
    externalId: secret-42
`;

/** The source is reached by a role of its account. */
const byRole: Scenario = async (world) => {
  placeImage(world.dev("team/app"), multiPlatform(), { tags: ["1"] });
  world.prod("team/app");
  const args = [`${prodHost}/team/app:1`, "--config", "promoter.yaml"];
  return (await promote(world, args, { "promoter.yaml": roleConfig })).faults;
};

const promoting = { chunks, mounts, shapes };
const everything = { tags: true, lifecyclePolicy: true, repositoryPolicy: true };
const source = { partition: "aws", region, accountId: devAccount, repositories: ["team/*"] };

interface Variant {
  readonly name: string;
  readonly policies: Policies;
  readonly scenarios: Readonly<Record<string, Scenario>>;
}

const variants: readonly Variant[] = [
  { name: "the accounts let in", policies: renderedPolicies(), scenarios: promoting },
  {
    name: "repositories created, and doctor answered",
    policies: renderedPolicies({ createRepositories: { ...everything, kmsKeys: [keyArn] }, reads: true }),
    scenarios: { ...promoting, examines, creates: creates(keyArn) },
  },
  {
    name: "a key by its alias",
    policies: renderedPolicies({ createRepositories: { ...everything, kmsKeys: ["alias/images"] } }),
    scenarios: { creates: creates("alias/images"), chunks, mounts },
  },
  {
    name: "a role of the source's account",
    policies: renderedPolicies({
      sources: [
        { ...source, role: { arn: `arn:aws:iam::${devAccount}:role/pull`, externalId: "secret-42" } },
      ],
    }),
    scenarios: { byRole, mounts: withRole(mounts), chunks: withRole(chunks) },
  },
];

/** The same with the role in the configuration. */
function withRole(scenario: Scenario): Scenario {
  return (world) =>
    scenario({
      ...world,
      run: (args, options) =>
        world.run([...args, "--config", "roles.yaml"], { ...options, files: { "roles.yaml": roleConfig } }),
    });
}

async function faultsOf(scenario: Scenario, policies: Policies): Promise<readonly string[]> {
  await using world = await policyWorld(policies);
  return await scenario(world);
}

describe.each(variants)("with $name", ({ policies, scenarios }) => {
  it.each(Object.entries(scenarios))("%s passes", async (_, scenario) => {
    expect(await faultsOf(scenario, policies)).toEqual([]);
  });

  it.each(withoutEachAction(policies))("without %s something does not", async (_, changed) => {
    for (const scenario of Object.values(scenarios)) {
      if ((await faultsOf(scenario, changed)).length > 0) return;
    }
    expect.fail("The action is not needed");
  });
});

it.each([
  ["the role alone", "roles"],
  ["the organization", { organization: "o-a1b2c3d4e5" }],
] as const)("a promotion passes with %s let in, and not another", async (_, pullers) => {
  const policies = renderedPolicies({ pullers });
  expect(await faultsOf(shapes, policies)).toEqual([]);
  const others = new Map([
    ...policies,
    ...[...renderedPolicies({ pullers: { organization: "o-zzzzzzzzzz" } })].filter(([path]) =>
      path.endsWith("/repository-policy.json"),
    ),
  ]);
  expect(await faultsOf(shapes, others)).not.toEqual([]);
});

describe("the trust of IRSA", () => {
  it.each([
    ["another ServiceAccount", { sub: "system:serviceaccount:argocd:default" }],
    ["another namespace", { sub: "system:serviceaccount:default:image-promoter" }],
    ["another audience", { aud: ["elsewhere"] }],
    ["another cluster", { iss: "https://oidc.eks.eu-west-1.amazonaws.com/id/OTHER" }],
  ])("leaves out %s", async (_, claims) => {
    await using world = await policyWorld(renderedPolicies(), claims);
    const [fault] = await shapes(world);
    expect(fault).toContain("Cannot get AWS credentials");
  });
});
