import { rootDigest } from "../fixtures/image-fixture.ts";
import { prodAccount, region } from "../scenarios/two-accounts.ts";
import type { FaultCase } from "./fault-case.ts";
import { atMost, deny, failsApp, tokensAsked, writesOf } from "./named-reading.ts";
import { app, child, layer, olderApp } from "./release.ts";
import { steps } from "./steps.ts";
import type { FaultWorld } from "./world.ts";

const { begin, whole, chunk, root, tag } = steps;

/** How often the layer's bytes were committed, or tried to. */
function commits(world: FaultWorld): number {
  return writesOf(world).filter(
    ({ kind, path }) => kind === "upload-finish" && path.includes(encodeURIComponent(layer.digest)),
  ).length;
}

/** Another writer moves the tag right after it was put, once. */
function raceForTag({ prod }: FaultWorld): void {
  const { imageTags } = prod.app;
  const set = imageTags.set.bind(imageTags);
  let raced = false;
  imageTags.set = (name, digest) => {
    set(name, digest);
    if (name === "1" && !raced) {
      raced = true;
      set(name, rootDigest(olderApp));
    }
    return imageTags;
  };
}

/** The cases with numbers of their own that strike while something is written. */
export const namedWriting: readonly FaultCase[] = [
  {
    id: "16",
    step: begin.name,
    fault: "503",
    strikes: "twice",
    faults: [{ at: { ...begin.at, times: 2 }, effect: { do: "status", status: 503 } }],
    ending: "recovers",
  },
  {
    id: "17",
    step: whole.name,
    fault: "500",
    strikes: "for ever",
    faults: [{ at: whole.at, effect: { do: "status", status: 500 } }],
    ending: failsApp("Unavailable", 1),
    check: (world) => atMost(6, commits(world), "tries"),
  },
  {
    id: "18",
    step: root.name,
    fault: "429 with Retry-After: 2",
    strikes: "once",
    faults: [
      {
        at: { ...root.at, times: 1 },
        effect: { do: "status", status: 429, headers: { "retry-after": "2" } },
      },
    ],
    ending: "recovers",
    check: (world) => {
      const target = encodeURIComponent(rootDigest(app));
      const [first, second] = writesOf(world).filter(
        ({ kind, path }) =>
          kind === "manifest-put" && (path.endsWith(target) || path.endsWith(rootDigest(app))),
      );
      const waited = (second?.at ?? 0) - (first?.at ?? 0);
      return waited >= 2_000 ? [] : [`it waited ${waited} ms`];
    },
  },
  {
    id: "19",
    step: root.name,
    fault: "429, five times",
    strikes: "twice",
    faults: [{ at: { ...root.at, times: 5 }, effect: { do: "status", status: 429 } }],
    ending: "recovers",
  },
  {
    id: "20",
    step: chunk.name,
    fault: "acknowledgement lost",
    strikes: "once",
    faults: [...chunk.before, { at: { ...chunk.at, times: 1 }, effect: { do: "drop-response" } }],
    ending: "recovers",
    check: (world) => {
      const patches = writesOf(world).filter(({ method }) => method === "PATCH");
      return atMost(1, patches.length, "times were the bytes sent");
    },
  },
  {
    id: "21",
    step: whole.name,
    fault: "response lost after the commit",
    strikes: "once",
    faults: [{ at: { ...whole.at, times: 1 }, effect: { do: "drop-response" } }],
    ending: "recovers",
    check: (world) => atMost(1, commits(world), "times was the layer sent"),
  },
  {
    id: "22",
    step: tag.name,
    fault: "response lost, tag immutable",
    strikes: "once",
    faults: [{ at: { ...tag.at, times: 1 }, effect: { do: "drop-response" } }],
    world: { destination: { imageTagMutability: "IMMUTABLE" } },
    ending: "recovers",
  },
  {
    id: "23",
    step: tag.name,
    fault: "immutable tag stands for another image",
    strikes: "for ever",
    faults: [],
    world: { destination: { imageTagMutability: "IMMUTABLE" } },
    prepare: ({ prod }) => void prod.app.imageTags.set("1", rootDigest(olderApp)),
    ending: failsApp("TagImmutable", 4),
    check: ({ prod }) =>
      prod.app.imageTags.get("1") === rootDigest(olderApp) ? [] : ["the immutable tag has moved"],
    rerun: "fails alike",
  },
  {
    id: "24",
    step: steps.verify.name,
    fault: "another writer moves the tag",
    strikes: "once",
    faults: [],
    prepare: raceForTag,
    ending: failsApp("VerificationFailed", 1),
  },
  {
    id: "25",
    step: begin.name,
    fault: "token expires on the way",
    strikes: "once",
    // No more than one request may meet: a third in its way would say that new tokens are refused, too.
    faults: [{ at: { ...begin.at, times: 2 }, effect: { do: "expired-token" } }],
    ending: "recovers",
    check: (world) => atMost(3, tokensAsked(world), "tokens were asked for"),
  },
  {
    id: "26",
    step: "every step at the destination",
    fault: "token is always refused",
    strikes: "for ever",
    faults: [{ at: { account: prodAccount }, effect: { do: "expired-token" } }],
    ending: { fails: ["TokenExpired"], exit: 4, images: "both" },
    check: (world) => atMost(2, tokensAsked(world), "tokens were asked for"),
  },
  {
    id: "27",
    step: steps.child.name,
    fault: "PutImage is not granted",
    strikes: "for ever",
    faults: [],
    prepare: ({ accounts }) => deny(accounts, "ecr:PutImage", prodAccount),
    ending: { fails: ["Denied"], exit: 4, images: "both" },
    rerun: "fails alike",
  },
  {
    id: "30",
    step: steps.standing.name,
    fault: "the repository is missing",
    strikes: "for ever",
    faults: [],
    prepare: ({ accounts }) =>
      void accounts.emulator.store.region(prodAccount, region).repositories.delete("team/app"),
    ending: failsApp("NameUnknown", 4),
    rerun: "fails alike",
  },
  {
    id: "34",
    step: begin.name,
    fault: "Location on another origin",
    strikes: "for ever",
    faults: [
      {
        at: begin.at,
        effect: {
          do: "status",
          status: 202,
          headers: { location: "http://127.0.0.1:9/v2/x/blobs/uploads/1" },
        },
      },
    ],
    ending: failsApp("RedirectRefused", 4),
  },
  {
    id: "34",
    step: begin.name,
    fault: "absolute Location",
    strikes: "for ever",
    faults: [],
    world: { emulator: { locations: "absolute" } },
    ending: "recovers",
  },
  {
    id: "39",
    step: whole.name,
    fault: "connection ends within the answer",
    strikes: "once",
    faults: [{ at: { ...whole.at, times: 1 }, effect: { do: "reset", when: "after-headers" } }],
    ending: "recovers",
  },
  {
    id: "46",
    step: root.name,
    fault: "HEAD claims a platform that is not there",
    strikes: "for ever",
    faults: [
      {
        at: { account: prodAccount, kind: "manifest-head", path: new RegExp(child) },
        effect: { do: "phantom-manifest" },
      },
    ],
    ending: "recovers",
  },
  {
    id: "48",
    step: steps.attachment.name,
    fault: "405 for a manifest with a subject",
    strikes: "for ever",
    faults: [],
    world: { emulator: { subject405: true } },
    ending: "recovers",
    withoutSbom: true,
  },
  {
    id: "48",
    step: steps.attachment.name,
    fault: "empty 403",
    strikes: "for ever",
    faults: [{ at: steps.attachment.at, effect: { do: "empty-403" } }],
    ending: "recovers",
    withoutSbom: true,
  },
];
