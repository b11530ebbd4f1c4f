/** The first release of Node with all that the program uses. */
const leastMajor = 24;

/** Why a release of Node will not do, as `24.1.0` names one; undefined where it does. */
export function tooOld(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= leastMajor) return undefined;
  return `error [Usage]: Node ${leastMajor} or newer is needed, and this is Node ${version}\n  hint: Install a newer Node, or use the container image, which has its own\n`;
}
