import { createHash } from "node:crypto";
import { PromoterError } from "../../error.ts";

const maxLength = 200;
// Control characters, white space, and what means something else in a revision.
const forbidden = /[\p{Cc}\p{Cf}\s~^:?*[\]\\]+|@\{/gu;

/** Whether git takes this for the name of a branch. {@link https://git-scm.com/docs/git-check-ref-format} */
export function isBranchName(name: string): boolean {
  return (
    name !== "" &&
    name !== "@" &&
    name.length <= maxLength &&
    name.search(forbidden) < 0 &&
    !name.includes("..") &&
    !/^-|\.$/.test(name) &&
    name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"))
  );
}

/** @throws {PromoterError} `InvalidConfiguration` when git would not take it for the name of a branch. */
export function checkBranchName(name: string): string {
  if (isBranchName(name)) return name;
  const shown = JSON.stringify(name.slice(0, maxLength));
  throw new PromoterError("InvalidConfiguration", `${shown} is no name of a branch`, {
    hint: "Name a branch with letters, digits, - _ . and / between its parts",
  });
}

/** What a template gave, as the name of a branch: what a branch may not have becomes `-`, and what is too long is cut. */
export function branchNameFrom(rendered: string): string {
  const parts = rendered
    .trim()
    .replace(forbidden, "-")
    .replaceAll("..", "-")
    .split("/")
    .map((part) => trimPart(part))
    .filter((part) => part !== "");
  const name = parts.join("/");
  if (name.length <= maxLength) return checkBranchName(name);
  const hash = createHash("sha256").update(rendered).digest("hex").slice(0, 12);
  return checkBranchName(`${trimPart(name.slice(0, maxLength - 13))}-${hash}`);
}

function trimPart(part: string): string {
  let [begin, end] = [0, part.length];
  while (begin < end && /[.-]/.test(part[begin] ?? "")) begin += 1;
  while (end > begin && /[./-]/.test(part[end - 1] ?? "")) end -= 1;
  return part.slice(begin, end).replace(/\.lock$/, "-lock");
}
