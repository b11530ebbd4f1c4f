import { type EcrEmulator, registryHost, startEcrEmulator } from "../../test/emulator/emulator.ts";
import { referrer, signature, withAttestations } from "../../test/fixtures/attachments.ts";
import { type ImageFixture, image } from "../../test/fixtures/image-fixture.ts";
import { layerArchive } from "../../test/fixtures/layer-archive.ts";
import { placeImage } from "../../test/fixtures/place-image.ts";

const region = "eu-west-1";
const devAccount = "111111111111";
const prodAccount = "222222222222";
const pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const push = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
];

export const devHost = registryHost(devAccount, region);
export const prodHost = registryHost(prodAccount, region);
export const modules = ["api", "web", "worker"] as const;

export interface DemoAccounts extends AsyncDisposable {
  readonly emulator: EcrEmulator;
  /** What the Job's container has in its environment. */
  readonly jobEnvironment: Readonly<Record<string, string>>;
  /** Builds a module in development, for two platforms with attestations, signed, with an SBOM. */
  build(module: string, version: string): void;
  /** What development's lifecycle policy does to old versions. */
  expireInDevelopment(module: string, version: string): void;
  /** Somebody pushes another image to production by hand. */
  pushByHand(module: string, version: string): void;
}

/** Two accounts of the embedded ECR, production's repositories immutable, and the role that the Job runs as. */
export async function openAccounts(): Promise<DemoAccounts> {
  const emulator = await startEcrEmulator({ latencyMs: 8 });
  const role = emulator
    .account(prodAccount)
    .createRole("image-promoter", [
      allow(["ecr:GetAuthorizationToken", "ecr:DescribeRepositories"], "*"),
      allow(pull, `arn:aws:ecr:${region}:${devAccount}:repository/*`),
      allow([...pull, ...push], `arn:aws:ecr:${region}:${prodAccount}:repository/*`),
    ]);
  emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
  for (const module of modules) {
    emulator.repository(devAccount, region, module).policyText = JSON.stringify(crossAccountPull());
    emulator.repository(prodAccount, region, module, { imageTagMutability: "IMMUTABLE" });
  }
  const base = [layerArchive(9_000_000, 1), layerArchive(3_000_000, 2)];
  const repository = (account: string, module: string) => emulator.repository(account, region, module);
  return {
    emulator,
    jobEnvironment: {
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: role.accessKeyId,
      AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
      AWS_SESSION_TOKEN: role.sessionToken ?? "",
      PROMOTER_FROM: devHost,
      PROMOTER_TO: prodHost,
      PROMOTER_REGISTRY_ENDPOINT: `*.dkr.ecr.${region}.amazonaws.com=${emulator.url}`,
    },
    build(module, version) {
      const dev = repository(devAccount, module);
      const built = moduleImage(module, version, base);
      placeImage(dev, built, { tags: [version] });
      placeImage(dev, referrer(built, "application/spdx+json", `SBOM of ${module} ${version}`));
      const signed = signature(built);
      placeImage(dev, signed.fixture, { tags: [signed.tag] });
    },
    expireInDevelopment(module, version) {
      repository(devAccount, module).imageTags.delete(version);
    },
    pushByHand(module, version) {
      placeImage(repository(prodAccount, module), image({ seed: 99 }), { tags: [version] });
    },
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

function moduleImage(module: string, version: string, base: ReturnType<typeof layerArchive>[]): ImageFixture {
  const seed =
    [...`${module} ${version}`].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 100_000;
  const members = ["amd64", "arm64"].map((architecture, position) =>
    image({ platform: { os: "linux", architecture }, seed: seed + position, base, layers: [400_000] }),
  );
  return withAttestations(members);
}

export function crossAccountPull(): object {
  const principal = { AWS: `arn:aws:iam::${prodAccount}:root` };
  return {
    Version: "2012-10-17",
    Statement: [{ Sid: "PromotionPull", Effect: "Allow", Principal: principal, Action: pull }],
  };
}

function allow(actions: readonly string[], resource: string): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resource }] };
}
