import { describe, expect, it } from "vitest";
import { isBefore, isBeside, syncOrderOf } from "../../../job/render/hooks/sync-order.ts";

const argo = "argocd.argoproj.io";
const order = (annotations: Record<string, string>) => syncOrderOf(new Map(Object.entries(annotations)));

describe("syncOrderOf", () => {
  it.each<[string, Record<string, string>, object]>([
    ["an ordinary object", {}, { phases: ["Sync"], wave: 0, hook: false }],
    [
      "an ordinary object of an early wave, which is no hook for it",
      { [`${argo}/sync-wave`]: "-100" },
      { phases: ["Sync"], wave: -100, hook: false },
    ],
    [
      "a hook without a delete policy, which is deleted before the next",
      { [`${argo}/hook`]: "PreSync" },
      { phases: ["PreSync"], hook: true, deletePolicies: ["BeforeHookCreation"] },
    ],
    [
      "a hook of two phases",
      { [`${argo}/hook`]: "PostSync, PreSync" },
      { phases: ["PreSync", "PostSync"], hook: true },
    ],
    [
      "a hook of Helm",
      {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-weight": "-5",
        "helm.sh/hook-delete-policy": "hook-succeeded",
      },
      { phases: ["PreSync"], wave: -5, deletePolicies: ["HookSucceeded"] },
    ],
    ["a hook that Argo CD does not know", { "helm.sh/hook": "test" }, { phases: [], hook: true }],
    ["an object that is skipped", { [`${argo}/hook`]: "Skip" }, { phases: [], hook: true }],
    [
      "both kinds: Argo CD's phase and wave, the policies of both",
      {
        [`${argo}/hook`]: "Sync",
        "helm.sh/hook": "post-install",
        [`${argo}/sync-wave`]: "1",
        "helm.sh/hook-weight": "9",
        [`${argo}/hook-delete-policy`]: "HookFailed",
        "helm.sh/hook-delete-policy": "hook-succeeded",
      },
      { phases: ["Sync"], wave: 1, deletePolicies: ["HookSucceeded", "HookFailed"] },
    ],
    [
      "a wave that is no number, where the weight counts",
      { [`${argo}/sync-wave`]: "early", "helm.sh/hook-weight": "3" },
      { wave: 3 },
    ],
    [
      "policies that nobody knows",
      { [`${argo}/hook`]: "PreSync", [`${argo}/hook-delete-policy`]: "Never" },
      { deletePolicies: ["BeforeHookCreation"] },
    ],
  ])("reads %s", (_what, annotations, expected) => {
    expect(order(annotations)).toMatchObject(expected);
  });
});

describe("isBefore", () => {
  const at = (phase: string, wave = 0) =>
    order({ [`${argo}/hook`]: phase, [`${argo}/sync-wave`]: String(wave) });

  it.each<[string, ReturnType<typeof at>, ReturnType<typeof at>, boolean]>([
    ["an earlier phase, whatever the waves", at("PreSync", 9), at("Sync", -9), true],
    ["a later phase", at("Sync", -9), at("PreSync", 9), false],
    ["an earlier wave", at("Sync", -1), at("Sync"), true],
    ["the same wave", at("Sync"), at("Sync"), false],
    ["both of two phases", at("PreSync"), at("Sync,PostSync"), true],
    ["one of two phases only", at("Sync"), at("PreSync,PostSync"), false],
    ["what is never applied", at("Skip"), at("Sync"), false],
  ])("decides for %s", (_what, one, other, expected) => {
    expect(isBefore(one, other)).toBe(expected);
  });

  it("tells objects of one wave", () => {
    expect(isBeside(at("Sync", 2), at("Sync", 2))).toBe(true);
    expect(isBeside(at("Sync", 2), at("Sync", 3))).toBe(false);
    expect(isBeside(at("PreSync", 2), at("Sync", 2))).toBe(false);
  });
});
