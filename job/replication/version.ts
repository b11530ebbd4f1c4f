import { Range, SemVer } from "semver";
import { PromoterError } from "../error.ts";

/** Versions of a semantic version range. */
export interface VersionRange {
  readonly text: string;
  /** Whether a tag is a version, with or without `v` before it, and lies in the range. */
  admits(tag: string): boolean;
  /** All versions, whatever the range. */
  readonly family: VersionRange;
}

/**
 * Reads a range as npm does: `>=1.2 <3`, `^1.4`, `~2.0.1`, `1.x`.
 * {@link https://github.com/npm/node-semver#ranges}
 *
 * @param prerelease whether versions with a prerelease part (`2.0.0-rc.1`) count where the range does not name one.
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function versionRange(text: string, { prerelease }: { readonly prerelease: boolean }): VersionRange {
  const range = rangeOf(text, prerelease);
  return {
    text,
    family: allVersions(prerelease),
    admits(tag) {
      const version = versionOf(tag);
      return version !== undefined && range.test(version);
    },
  };
}

/** A range that does not want prereleases is not about them. */
function allVersions(prerelease: boolean): VersionRange {
  const all: VersionRange = {
    text: "*",
    get family() {
      return all;
    },
    admits(tag) {
      const version = versionOf(tag);
      return version !== undefined && (prerelease || version.prerelease.length === 0);
    },
  };
  return all;
}

/** The version that a tag stands for; undefined for one that is no semantic version, as `1.2` and `latest`. */
export function versionOf(tag: string): SemVer | undefined {
  try {
    return new SemVer(tag);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Orders tags that are versions, the newest first; those that are none come last. Equal versions are ordered by name. */
export function newestVersionFirst(a: string, b: string): number {
  const [one, other] = [versionOf(a), versionOf(b)];
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  return other.compare(one) || (a < b ? -1 : Number(a > b));
}

function rangeOf(text: string, includePrerelease: boolean): Range {
  try {
    return new Range(text, { includePrerelease });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new PromoterError(
      "InvalidConfiguration",
      `${JSON.stringify(text.slice(0, 100))} is no range of semantic versions`,
      { cause, hint: 'Write a range as npm has them: ">=1.2 <3", ^1.4, ~2.0.1, 1.x' },
    );
  }
}
