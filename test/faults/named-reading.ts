import { referrersTag } from "../../job/oci/referrers-tag.ts";
import type { LoggedRequest } from "../emulator/request-log.ts";
import { index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { devAccount, prodAccount } from "../scenarios/two-accounts.ts";
import type { Ending, FaultCase } from "./fault-case.ts";
import { app, child, layer, sbom } from "./release.ts";
import { steps } from "./steps.ts";
import type { FaultWorld } from "./world.ts";

export const failsApp = (code: Exclude<Ending, string>["fails"][number], exit: 1 | 4): Ending => ({
  fails: [code],
  exit,
  images: "app",
});

/** Requests of one kind about the release's application at the destination. */
export function writesOf({ accounts }: FaultWorld): readonly LoggedRequest[] {
  return accounts.emulator.requests.filter(
    ({ account, repository, method, kind }) =>
      account === prodAccount &&
      repository === "team/app" &&
      kind !== "ecr-api" &&
      method !== "GET" &&
      method !== "HEAD",
  );
}

export function tokensAsked({ accounts }: FaultWorld): number {
  return accounts.emulator.requests.filter(({ action }) => action === "GetAuthorizationToken").length;
}

/** What is wrong when `value` is above `most`. */
export function atMost(most: number, value: number, what: string): string[] {
  return value <= most ? [] : [`${value} ${what}, at most ${most} may be`];
}

function blobReads({ accounts }: FaultWorld): readonly LoggedRequest[] {
  return accounts.emulator.requests.filter(
    ({ kind, path }) => kind === "storage" && path.includes(layer.digest),
  );
}

const { storage, manifest, redirect } = steps;
const at40 = Math.floor(layer.size * 0.4);
const spread = 128 * 1024;

/** The cases with numbers of their own that strike while something is read. */
export const namedReading: readonly FaultCase[] = [
  {
    id: "08",
    step: storage.name,
    fault: "reset at 40 %",
    strikes: "once",
    faults: [{ at: { ...storage.at, times: 1 }, effect: { do: "reset-after-response-bytes", bytes: at40 } }],
    ending: "recovers",
    check: (world) =>
      atMost(
        layer.size + spread,
        blobReads(world).reduce((sum, { bytesOut }) => sum + bytesOut, 0),
        "bytes of the layer were read",
      ),
  },
  {
    id: "09",
    step: storage.name,
    fault: "reset at 40 %, Range ignored",
    strikes: "once",
    faults: [
      { at: { ...storage.at, times: 1 }, effect: { do: "reset-after-response-bytes", bytes: at40 } },
      { at: storage.at, effect: { do: "ignore-range" } },
    ],
    ending: "recovers",
  },
  {
    id: "10",
    step: storage.name,
    fault: "premature end",
    strikes: "for ever",
    faults: [{ at: storage.at, effect: { do: "reset-after-response-bytes", bytes: 1_000 } }],
    ending: failsApp("Network", 1),
  },
  {
    id: "11",
    step: storage.name,
    fault: "flipped byte, one look more",
    strikes: "for ever",
    faults: [{ at: storage.at, effect: { do: "flip-byte", at: at40 } }],
    ending: failsApp("DigestMismatch", 4),
    check: (world) => [
      ...atMost(2, blobReads(world).length, "reads of the layer"),
      ...(world.prod.app.manifests.has(child) ? ["the manifest of a wrong blob was put"] : []),
    ],
  },
  {
    id: "12",
    step: storage.name,
    fault: "flipped byte, one look more",
    strikes: "once",
    faults: [{ at: { ...storage.at, times: 1 }, effect: { do: "flip-byte", at: at40 } }],
    ending: "recovers",
    check: (world) => atMost(2, blobReads(world).length, "reads of the layer"),
  },
  {
    id: "13",
    step: storage.name,
    fault: "longer than its descriptor",
    strikes: "for ever",
    faults: [{ at: storage.at, effect: { do: "extend", bytes: 1_000_000 } }],
    ending: failsApp("SizeMismatch", 4),
    check: (world) => atMost(2, blobReads(world).length, "reads of the layer"),
  },
  {
    id: "14",
    step: manifest.name,
    fault: "other body under the right digest",
    strikes: "for ever",
    faults: [{ at: manifest.at, effect: { do: "flip-byte", at: 60 } }],
    ending: failsApp("DigestMismatch", 4),
    check: (world) => atMost(0, writesOf(world).length, "writes at the destination"),
  },
  {
    id: "35",
    step: redirect.name,
    fault: "redirect to 169.254.169.254",
    strikes: "for ever",
    faults: [{ at: redirect.at, effect: { do: "redirect", to: "http://169.254.169.254/latest/meta-data" } }],
    ending: failsApp("RedirectRefused", 4),
  },
  {
    id: "36",
    step: storage.name,
    fault: "signed address has run out",
    strikes: "twice",
    faults: [
      {
        at: { ...storage.at, times: 2 },
        effect: { do: "status", status: 403, body: "<Error><Code>AccessDenied</Code></Error>" },
      },
    ],
    ending: "recovers",
    check: (world) => {
      const addresses = new Set(blobReads(world).map(({ path }) => path));
      const asked = world.accounts.emulator.requests.filter(
        ({ kind, path }) => kind === "blob-get" && path.includes(layer.digest),
      );
      return [
        ...atMost(3, addresses.size, "addresses"),
        ...(asked.length === 3 ? [] : ["an old address was asked"]),
      ];
    },
  },
  {
    id: "40",
    step: "every step",
    fault: "answers in pieces of 7 bytes",
    strikes: "for ever",
    faults: [{ at: {}, effect: { do: "slice", bytes: 7 } }],
    ending: "recovers",
  },
  {
    id: "45",
    step: manifest.name,
    fault: "a platform is missing at the source",
    strikes: "for ever",
    faults: [],
    prepare: ({ dev }) => void dev.app.manifests.delete(child),
    ending: failsApp("ManifestUnknown", 4),
    check: (world) => atMost(0, writesOf(world).length, "writes at the destination"),
    rerun: "fails alike",
  },
  {
    id: "49",
    step: steps.referrers.name,
    fault: "no referrers API",
    strikes: "for ever",
    faults: [],
    world: { emulator: { referrersApi: false } },
    prepare: ({ dev }) => void placeImage(dev.app, index([sbom]), { tags: [referrersTag(rootDigest(app))] }),
    ending: "recovers",
    check: ({ prod }) =>
      prod.app.imageTags.has(referrersTag(rootDigest(app))) ? [] : ["the referrers tag is missing"],
  },
  {
    id: "27",
    step: steps.resolve.name,
    fault: "BatchGetImage is not granted",
    strikes: "for ever",
    faults: [],
    prepare: ({ accounts }) => deny(accounts, "ecr:BatchGetImage", devAccount),
    ending: { fails: ["Denied"], exit: 4, images: "app at least" },
    check: (world) => atMost(0, writesOf(world).length, "writes at the destination"),
    rerun: "fails alike",
  },
];

/** Takes a right from the Job's role for good. */
export function deny({ role }: FaultWorld["accounts"], action: string, account: string): void {
  role.identity.policies.push({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Action: action, Resource: `arn:aws:ecr:*:${account}:repository/*` }],
  });
}
