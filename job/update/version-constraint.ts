import { Range, type SemVer } from "semver";
import { PromoterError } from "../error.ts";
import { tagVersion } from "./tag-version.ts";

/** Versions that may be updated to. */
export interface VersionConstraint {
  readonly text: string;
  /** The version of a tag that is one of them; undefined for every other tag. */
  versionOf(tag: string): SemVer | undefined;
}

export interface ConstraintOptions {
  /** Whether prereleases (`2.0.0-rc.1`) count where the constraint names none. */
  readonly prerelease: boolean;
  /** Whether tags may leave numbers out: `1.2` for 1.2.0. */
  readonly lenient: boolean;
}

/** More than anybody writes, and little work whatever stands there. */
const maxLength = 256;

/** One comparator: an operator, up to three numbers or x, a prerelease, build metadata. */
const comparator =
  /^(!=|=>|=<|>=|<=|~>|[=<>~^])?v?(\d{1,15}|[xX*])(?:\.(\d{1,15}|[xX*]))?(?:\.(\d{1,15}|[xX*]))?(-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?$/;

/**
 * Reads a constraint on versions, in the words of npm and of Masterminds, which Argo CD Image Updater goes by: `^1.2`,
 * `~1.26`, `1.2.x`, `>=1.2, <3`, `>=1 <2 || 3.x`, `1.2 - 1.4`, `!=1.5.1`, `2.x-0`. Prereleases count in those of the
 * alternatives that name one.
 * {@link https://github.com/Masterminds/semver/blob/v3.4.0/README.md#checking-version-constraints}
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function versionConstraint(text: string, options: ConstraintOptions): VersionConstraint {
  if (text.length > maxLength) throw invalid(text);
  const alternatives = text.split("||").map((part) => alternative(part, text, options.prerelease));
  return {
    text,
    versionOf(tag) {
      const version = tagVersion(tag, options.lenient);
      return version !== undefined && alternatives.some((admits) => admits(version)) ? version : undefined;
    },
  };
}

function alternative(part: string, whole: string, prerelease: boolean): (version: SemVer) => boolean {
  const words = wordsOf(part);
  const between = words.indexOf("-");
  const comparators = words.filter((word) => word !== "-").map((word) => readComparator(word, whole));
  const includePrerelease = prerelease || comparators.some((one) => one.prerelease);
  const written = (isRefused: boolean) =>
    comparators.filter(({ refused }) => refused === isRefused).map(({ text }) => text);
  if (between >= 0 && (between !== 1 || words.length !== 3 || /[<>=~^!]/.test(part))) throw invalid(whole);
  const wanted = rangeOf(written(false).join(between < 0 ? " " : " - "), whole, includePrerelease);
  const refused = written(true).map((one) => rangeOf(one, whole, true));
  return (version) => wanted.test(version) && !refused.some((range) => range.test(version));
}

/** Commas mean what spaces mean, and an operator belongs to what stands behind it. */
function wordsOf(part: string): readonly string[] {
  const words: string[] = [];
  let operator = "";
  for (const word of part.split(/[\s,]/)) {
    if (word === "") continue;
    if (/^[=<>~^!]+$/.test(word)) {
      operator += word;
      continue;
    }
    words.push(operator + word);
    operator = "";
  }
  return operator === "" ? words : [...words, operator];
}

interface Comparator {
  /** As npm reads it, without the operator when it refuses. */
  readonly text: string;
  /** `!=` */
  readonly refused: boolean;
  readonly prerelease: boolean;
}

const turned: Readonly<Record<string, string>> = { "=>": ">=", "=<": "<=", "~>": "~", "!=": "=" };

function readComparator(word: string, whole: string): Comparator {
  const match = comparator.exec(word);
  if (match === null) throw invalid(whole);
  const [, operator = "", major = "", minor, patch, prerelease] = match;
  const numbers = [major, minor, patch].filter((number) => number !== undefined);
  // npm knows prereleases of whole versions only: `2.x-0` says no more than that they count.
  const isWhole = numbers.length === 3 && numbers.every((number) => /^\d/.test(number));
  const normal = numbers.map((number) => (/^\d/.test(number) ? String(Number(number)) : "x")).join(".");
  return {
    text: `${turned[operator] ?? operator}${normal}${isWhole ? (prerelease ?? "") : ""}`,
    refused: operator === "!=",
    prerelease: prerelease !== undefined,
  };
}

function rangeOf(text: string, whole: string, includePrerelease: boolean): Range {
  try {
    return new Range(text, { includePrerelease });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw invalid(whole, cause);
  }
}

function invalid(text: string, cause?: unknown): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `${JSON.stringify(text.slice(0, 100))} is no constraint on semantic versions`,
    {
      cause,
      hint: 'Write it as npm does: ^1.4, ~2.0.1, 1.x, ">=1.2 <3", "1.x || 2.x"; add -0 for prereleases: 2.x-0',
    },
  );
}
