import type { ErrorCode } from "../../job/error.ts";
import type { FaultEffect } from "../emulator/faults.ts";
import type { Ending, FaultCase, Strikes } from "./fault-case.ts";
import { layer } from "./release.ts";
import { type Step, steps } from "./steps.ts";
import type { WorldOptions } from "./world.ts";

/** A fault as it strikes one step, and how a run ends that it strikes for ever. */
interface Kind {
  readonly name: string;
  readonly effect: FaultEffect;
  readonly forEver: Ending | readonly [ErrorCode, 1 | 4];
  /** Default: it recovers. */
  readonly once?: readonly [ErrorCode, 1 | 4];
  /** How often it may strike and the run still succeeds. Default once. */
  readonly strikes?: readonly Strikes[];
  readonly world?: WorldOptions;
  readonly openUploads?: number;
  /** What strikes for ever, where that is not the same. */
  readonly effectForEver?: FaultEffect;
  /** Whether the other image may be struck as well. */
  readonly spreads?: boolean;
}

/** Real milliseconds for which a stalled request is waited for. */
const impatient: WorldOptions = { patience: { connectMs: 300, answerMs: 300, apiAnswerMs: 300 } };

/** Uploads that nobody could be told of, or that nobody answered about in time: as many as there were requests. */
const untold = 100;

/** Milliseconds, by the clock of the run, for which a registry takes no connections. */
const refusedMs = 600;

const statuses: ReadonlyArray<readonly [number, ErrorCode]> = [
  [408, "Timeout"],
  [429, "TooManyRequests"],
  [500, "Unavailable"],
  [502, "Unavailable"],
  [503, "Unavailable"],
  [504, "Unavailable"],
];

/** The faults that any request may meet; each status strikes at every other step, and for ever at every fourth. */
function anywhere(position: number): Kind[] {
  const often = (at: number): readonly Strikes[] =>
    (position + at) % 4 === 0 ? ["twice", "for ever"] : ["twice"];
  return [
    {
      name: "connection refused",
      effect: { do: "refuse", ms: refusedMs },
      effectForEver: { do: "refuse" },
      forEver: ["Network", 1],
      spreads: true,
      openUploads: untold,
    },
    { name: "connection reset", effect: { do: "reset", when: "before" }, forEver: ["Network", 1] },
    {
      name: "stalled",
      effect: { do: "stall" },
      forEver: ["Timeout", 1],
      world: impatient,
      openUploads: untold,
    },
    ...statuses
      .map(([status, code], at): Kind => {
        return {
          name: String(status),
          effect: { do: "status", status },
          forEver: [code, 1],
          strikes: often(at),
        };
      })
      .filter((_, at) => (position + at) % 2 === 0),
    {
      name: "429 with Retry-After",
      effect: { do: "status", status: 429, headers: { "retry-after": "2" } },
      forEver: ["TooManyRequests", 1],
      strikes: often(1),
    },
  ];
}

/** The faults of answers that carry something. */
function ofAnswer({ answer }: Step): Kind[] {
  const loop: Kind = {
    name: "redirect loop",
    effect: { do: "redirect-loop" },
    once: ["RedirectRefused", 4],
    forEver: ["RedirectRefused", 4],
  };
  switch (answer) {
    case "head":
      return [
        loop,
        { name: "empty 403", effect: { do: "empty-403" }, forEver: "recovers" },
        { name: "expired token", effect: { do: "expired-token" }, forEver: "recovers" },
        { name: "HTML instead of an answer", effect: { do: "html", status: 200 }, forEver: "recovers" },
      ];
    case "blob-head":
      // A HEAD has no body that could say that it was the token, and the GET that asks has its own answer.
      return [
        loop,
        { name: "empty 403", effect: { do: "empty-403" }, forEver: ["Denied", 4] },
        { name: "expired token", effect: { do: "expired-token" }, forEver: ["Denied", 4] },
        {
          name: "HTML instead of an answer",
          effect: { do: "html", status: 200 },
          forEver: ["SizeMismatch", 4],
        },
      ];
    case "manifest":
      return [loop, ...ofBody(1_000, ["Network", "Timeout"]), ...ofManifest];
    case "blob":
      return [...ofBody(layer.size, "goes on"), ...ofBlob];
    case "redirect":
      return [
        loop,
        { name: "empty 403", effect: { do: "empty-403" }, once: ["Denied", 4], forEver: ["Denied", 4] },
        { name: "expired token", effect: { do: "expired-token" }, forEver: ["TokenExpired", 4] },
        { name: "HTML instead of a blob", effect: { do: "html", status: 200 }, forEver: ["SizeMismatch", 1] },
        {
          name: "missing Location",
          effect: { do: "missing-location" },
          forEver: ["InvalidResponse", 1],
        },
      ];
    default:
      return [];
  }
}

/** Breaks in the middle of a body of so many bytes; a blob goes on where it stopped, and so comes to its end. */
function ofBody(size: number, broken: "goes on" | readonly ["Network", "Timeout"]): Kind[] {
  const ending = (bytes: number, at: 0 | 1): Kind["forEver"] =>
    broken === "goes on"
      ? bytes === 1
        ? [(["Network", "Timeout"] as const)[at], 1]
        : "recovers"
      : [broken[at], 1];
  const places = [
    ["after the first byte", 1],
    ["in the middle", Math.floor(size / 2)],
    ["before the last byte", size - 1],
  ] as const;
  return [
    ...places.flatMap(([where, bytes]): Kind[] => [
      {
        name: `reset ${where}`,
        effect: { do: "reset-after-response-bytes", bytes },
        forEver: ending(bytes, 0),
      },
      {
        name: `stalled ${where}`,
        effect: { do: "stall", afterBytes: bytes },
        forEver: ending(bytes, 1),
        world: impatient,
        openUploads: untold,
      },
    ]),
    {
      name: "slow loris",
      effect: { do: "slow", bytesPerSecond: 100 },
      forEver: ["Timeout", 1],
      world: impatient,
      openUploads: untold,
    },
    { name: "pieces of a byte", effect: { do: "slice", bytes: 1 }, forEver: "recovers" },
  ];
}

const ofManifest: readonly Kind[] = [
  { name: "empty 403", effect: { do: "empty-403" }, once: ["Denied", 4], forEver: ["Denied", 4] },
  { name: "expired token", effect: { do: "expired-token" }, forEver: ["TokenExpired", 4] },
  { name: "truncated body", effect: { do: "truncate", bytes: 100 }, forEver: ["DigestMismatch", 4] },
  { name: "body too long", effect: { do: "extend", bytes: 1 }, forEver: ["DigestMismatch", 4] },
  { name: "flipped byte", effect: { do: "flip-byte", at: 50 }, forEver: ["DigestMismatch", 4] },
  {
    name: "wrong digest in the header",
    effect: { do: "digest-header", digest: layer.digest },
    forEver: ["DigestMismatch", 4],
  },
  {
    name: "wrong media type",
    effect: { do: "media-type", mediaType: "application/vnd.oci.image.manifest.v1+json" },
    once: ["MediaTypeMismatch", 4],
    forEver: ["MediaTypeMismatch", 4],
  },
  { name: "HTML instead of JSON", effect: { do: "html", status: 200 }, forEver: ["DigestMismatch", 4] },
];

const ofBlob: readonly Kind[] = [
  { name: "truncated body", effect: { do: "truncate", bytes: 1_000 }, forEver: ["SizeMismatch", 1] },
  { name: "body too long", effect: { do: "extend", bytes: 1 }, forEver: ["SizeMismatch", 4] },
  ...([0, Math.floor(layer.size / 2), layer.size - 1] as const).map(
    (at): Kind => ({
      name: `flipped byte at ${at}`,
      effect: { do: "flip-byte", at },
      forEver: ["DigestMismatch", 4],
    }),
  ),
  { name: "empty 403", effect: { do: "empty-403" }, forEver: ["Denied", 1] },
  { name: "HTML instead of a blob", effect: { do: "html", status: 200 }, forEver: ["SizeMismatch", 1] },
];

/** The faults of requests that write. */
function ofWrite({ writes, name }: Step): Kind[] {
  if (writes === undefined) return [];
  const lost: Kind = {
    name: "response lost after it was done",
    effect: { do: "drop-response" },
    // What has been committed is found there, and an upload that nobody knows of is another one each time.
    forEver: writes === "content" ? "recovers" : ["Network", 1],
    ...(writes === "upload" && { openUploads: untold }),
  };
  const denied: Kind = {
    name: "empty 403",
    effect: { do: "empty-403" },
    once: ["Denied", 4],
    forEver: ["Denied", 4],
  };
  const refused: Kind[] = [
    // What is attached may be refused, and stays behind.
    ...(name === steps.attachment.name ? [] : [denied]),
    { name: "expired token", effect: { do: "expired-token" }, forEver: ["TokenExpired", 4] },
  ];
  const opening: Kind = {
    name: "missing Location",
    effect: { do: "missing-location" },
    forEver: ["InvalidResponse", 1],
    openUploads: untold,
  };
  const page: Kind = {
    name: "HTML instead of an answer",
    effect: { do: "html", status: 200 },
    forEver: ["InvalidResponse", 1],
  };
  const broken: Kind = {
    name: "reset in the middle of the request",
    effect: { do: "reset-after-request-bytes", bytes: 1_000 },
    // The second break has the blob sent in chunks.
    forEver: name === "PUT blob" ? "recovers" : ["Network", 1],
  };
  return [
    lost,
    ...refused,
    page,
    ...(writes === "upload" ? [opening] : []),
    ...(writes === "content" && name !== "PUT commit" ? [broken] : []),
  ];
}

/** Every step with every fault that means something there, once or twice, and for ever. */
export function matrix(): FaultCase[] {
  return Object.values(steps).flatMap((step: Step, position) =>
    [...anywhere(position), ...ofAnswer(step), ...ofWrite(step)].flatMap((kind) => rows(step, kind)),
  );
}

function rows(step: Step, kind: Kind): FaultCase[] {
  const strikes = kind.strikes ?? ["once", "for ever"];
  return strikes.map((often): FaultCase => {
    const times = { once: 1, twice: 2, "for ever": Number.POSITIVE_INFINITY }[often];
    const { world, openUploads } = kind;
    const effect = often === "for ever" ? (kind.effectForEver ?? kind.effect) : kind.effect;
    return {
      step: step.name,
      fault: kind.name,
      strikes: often,
      faults: [...(step.before ?? []), { at: { ...step.at, times }, effect }],
      ending: endingOf(step, kind, often === "for ever" ? kind.forEver : (kind.once ?? "recovers")),
      ...(world && { world }),
      ...(openUploads !== undefined && { openUploads }),
    };
  });
}

function endingOf(step: Step, { spreads }: Kind, ending: Kind["forEver"]): Ending {
  if (ending === "recovers" || "fails" in ending) return ending;
  const [code, exit] = ending;
  const images = spreads === true && step.struck === "app" ? "app at least" : step.struck;
  return { fails: [code], exit, images };
}
