import { SemVer } from "semver";

/** Tags that are versions but for numbers that they leave out: `1`, `v1.2`, `1.2-rc.1`. */
const partial = /^(v?)(\d{1,15})(?:\.(\d{1,15}))?(-[\dA-Za-z.-]+)?$/;

/**
 * The semantic version that a tag stands for, with or without `v` before it; undefined for what is none.
 * {@link https://semver.org/#spec-item-2}
 *
 * @param lenient whether numbers may be left out: `1.2` is 1.2.0 then, and `20240131` is 20240131.0.0.
 */
export function tagVersion(tag: string, lenient: boolean): SemVer | undefined {
  const [, , major, minor = "0", prerelease = ""] = (lenient && partial.exec(tag)) || [];
  const text = major === undefined ? tag : `${Number(major)}.${Number(minor)}.0${prerelease}`;
  // semver itself would read `=1.2.3`, and versions with white space around.
  if (!/^v?\d/.test(text)) return undefined;
  try {
    return new SemVer(text);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
