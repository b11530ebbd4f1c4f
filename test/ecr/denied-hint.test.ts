import { describe, expect, it } from "vitest";
import { actionsFor, ecrHints } from "../../job/ecr/denied-hint.ts";
import type { RequestKind } from "../../job/registry/pacing.ts";
import { ecrHost } from "./fake-clients.ts";

const host = ecrHost();
const identity = "arn:aws:iam::111122223333:role/promoter";
const arn = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";

describe("describeDenied", () => {
  it.each<[RequestKind, string]>([
    ["manifest-read", "ecr:BatchGetImage"],
    ["blob-check", "ecr:BatchCheckLayerAvailability"],
    ["blob-read", "ecr:GetDownloadUrlForLayer"],
    ["list", "ecr:ListImages"],
    ["upload-start", "ecr:InitiateLayerUpload"],
    ["upload-part", "ecr:UploadLayerPart"],
    ["upload-finish", "ecr:CompleteLayerUpload"],
    ["manifest-write", "ecr:PutImage"],
  ])("names for %s the action %s first, and no action twice", (kind, action) => {
    const actions = actionsFor(kind);
    expect(actions[0]).toBe(action);
    expect(new Set(actions).size).toBe(actions.length);
  });

  it("asks for all that a pull takes, and all that a push takes", () => {
    expect(actionsFor("blob-read")).toHaveLength(2);
    expect(actionsFor("upload-start")).toHaveLength(6);
    expect(actionsFor("upload-start")).toContain("ecr:BatchGetImage");
  });

  it("needs only the identity policy within one account", () => {
    const hint = ecrHints({ host, identity, callerAccount: () => "111122223333" }).describeDenied(
      "blob-read",
      "team/app",
    );
    expect(hint).toBe(
      `Allow ecr:GetDownloadUrlForLayer, ecr:BatchGetImage on ${arn} in the identity policy of ${identity}`,
    );
  });

  it("needs both sides across accounts", () => {
    const hint = ecrHints({ host, identity, callerAccount: () => "444455556666" }).describeDenied(
      "blob-read",
      "team/app",
    );
    expect(hint).toContain(`both in the identity policy of ${identity}`);
    expect(hint).toContain(
      "for account 444455556666, in the policy of repository team/app in account 111122223333",
    );
  });

  it("says what holds in either case when the caller's account is not known", () => {
    const hint = ecrHints({ host, identity }).describeDenied("manifest-write", "team/app");
    expect(hint).toContain(
      "; if that is of another account than 111122223333, also in the policy of repository team/app",
    );
  });
});

describe("describeMissingRepository", () => {
  it("gives the command that makes it, and the flag", () => {
    expect(ecrHints({ host, identity }).describeMissingRepository("team/app")).toBe(
      "Create it: aws ecr create-repository --registry-id 111122223333 --region eu-west-1 --repository-name team/app; or promote with --create-repositories",
    );
  });
});
