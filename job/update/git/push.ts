import { PromoterError } from "../../error.ts";
import { printable } from "../../registry/redact.ts";
import type { BareRepository } from "./bare-repository.ts";
import { gitError, spoken } from "./git-error.ts";

export interface Push {
  readonly commit: string;
  readonly branch: string;
  /** What the branch is now; absent when there is none yet. It is replaced only while it is this. */
  readonly expected?: string;
}

// Somebody was faster: the branch moved, was made or was locked meanwhile.
const raced = /cannot lock ref|failed to update ref|old value|reference already exists|but expected/i;

/**
 * Pushes a commit, all or nothing.
 *
 * @returns false when somebody else pushed meanwhile.
 * @throws {PromoterError} `Denied` when the server refuses: a protected branch, a hook; otherwise as `gitError` says.
 */
export async function push({ address, run }: BareRepository, given: Push): Promise<boolean> {
  const { commit, branch, expected = "" } = given;
  const ref = `refs/heads/${branch}`;
  const lease = `--force-with-lease=${ref}:${expected}`;
  const ended = await run(["push", "--porcelain", "--no-verify", lease, "origin", `${commit}:${ref}`]);
  if (ended.exitCode === 0) return true;
  const line = ended.stdout
    .toString("utf8")
    .split("\n")
    .find((candidate) => candidate.startsWith("!\t"));
  if (line === undefined) throw gitError("push to", address, ended);
  const [, reason] = line.split("[remote rejected]", 2);
  if (reason === undefined || raced.test(reason)) return false;
  const said = spoken(ended.stderr.replaceAll(/^error:.*$/gm, ""));
  const message = `${address.address} refuses the push to ${branch}: ${bare(reason)}${said === "" ? "" : `: ${said}`}`;
  throw new PromoterError("Denied", message, {
    hint: "Let this identity push to the branch, or write to another, by writeBranch and pullRequests",
  });
}

function bare(reason: string): string {
  return printable(reason.trim().replace(/^\(/, "").replace(/\)$/, ""), 200);
}
