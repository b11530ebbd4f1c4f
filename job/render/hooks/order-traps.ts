import { findingFor, type HookFinding } from "./finding.ts";
import type { ManifestObject } from "./manifest-object.ts";
import { listField, textField } from "./plain-value.ts";
import { type Need, needsOf, podSpecOf } from "./pod-needs.ts";
import { describeOrder, isBefore, isBeside } from "./sync-order.ts";

/** Hooks whose pods need what the same manifests bring later, and accounts that are taken away under running pods. */
export function orderTraps(objects: readonly ManifestObject[]): HookFinding[] {
  return objects
    .flatMap((object) => {
      const { kind, order } = object;
      if (!order.hook || order.phases.length === 0 || (kind !== "Job" && kind !== "Pod")) return [];
      return [...missingNeeds(object, objects), ...lateRights(object, objects)];
    })
    .concat(objects.flatMap((object) => replacedAccount(object, objects)));
}

function missingNeeds(hook: ManifestObject, objects: readonly ManifestObject[]): HookFinding[] {
  return needsOf(podSpecOf(hook)).flatMap((need) => {
    const brought = objects.filter((object) => isNamed(object, need, hook.namespace));
    if (brought.length === 0 || brought.some((object) => isThereFor(object, hook))) return [];
    const [late] = brought;
    return late === undefined ? [] : [comesLater(hook, need, late)];
  });
}

function comesLater(hook: ManifestObject, { kind, name }: Need, late: ManifestObject): HookFinding {
  return findingFor(hook, {
    rule: "comes-later",
    status: "failed",
    message: `it runs in ${describeOrder(hook.order)}, but its ${kind} ${name} comes in ${describeOrder(late.order)} (${late.place}): the first sync hangs`,
    hint: `Make the ${kind} a hook of the same phase and an earlier wave, create it outside of this application, or run the Job as a Sync hook in a wave after it and before the workloads`,
  });
}

/** Roles and bindings of a hook's account that are not there yet when it runs. */
function lateRights(hook: ManifestObject, objects: readonly ManifestObject[]): HookFinding[] {
  const account = needsOf(podSpecOf(hook)).find(({ kind }) => kind === "ServiceAccount")?.name;
  if (account === undefined) return [];
  const bindings = objects.filter((object) => binds(object, account, hook.namespace));
  return bindings.flatMap((binding) => {
    const role = textField(binding.value, "roleRef", "name");
    const roleKind = textField(binding.value, "roleRef", "kind");
    const roles = objects.filter(({ kind, name }) => kind === roleKind && name === role);
    const late = [binding, ...roles].find((object) => !isThereFor(object, hook));
    if (late === undefined) return [];
    return [
      findingFor(hook, {
        rule: "rights-come-later",
        status: "warning",
        message: `it runs in ${describeOrder(hook.order)}, but ${late.description}, which its account needs, comes in ${describeOrder(late.order)} (${late.place})`,
        hint: "Make Role and RoleBinding hooks of the same phase and an earlier wave, or create them outside of this application",
      }),
    ];
  });
}

function binds(object: ManifestObject, account: string, namespace: string | undefined): boolean {
  if (object.kind !== "RoleBinding" && object.kind !== "ClusterRoleBinding") return false;
  return listField(object.value, "subjects").some(
    (subject) =>
      textField(subject, "kind") === "ServiceAccount" &&
      textField(subject, "name") === account &&
      sameNamespace(textField(subject, "namespace"), namespace),
  );
}

/** A hook is deleted and created anew in each sync, and the tokens of pods that run as it become worthless. */
function replacedAccount(account: ManifestObject, objects: readonly ManifestObject[]): HookFinding[] {
  const { kind, order, name } = account;
  if (kind !== "ServiceAccount" || !order.hook || !order.deletePolicies.includes("BeforeHookCreation"))
    return [];
  const user = objects.find(
    (object) =>
      !object.order.hook &&
      object.kind !== "CronJob" &&
      sameNamespace(object.namespace, account.namespace) &&
      textField(podSpecOf(object), "serviceAccountName") === name,
  );
  if (user === undefined) return [];
  return [
    findingFor(account, {
      rule: "account-is-replaced",
      status: "warning",
      message: `each sync deletes this service account and creates it anew, and ${user.description} (${user.place}) runs as it: its token becomes worthless`,
      hint: "Give the hook a service account of its own",
    }),
  ];
}

/** Within one wave objects are applied in the order of their kinds: pods after all that they may need. */
function isThereFor(object: ManifestObject, hook: ManifestObject): boolean {
  return isBefore(object.order, hook.order) || isBeside(object.order, hook.order);
}

function isNamed(object: ManifestObject, need: Need, namespace: string | undefined): boolean {
  return object.kind === need.kind && object.name === need.name && sameNamespace(object.namespace, namespace);
}

/** What names no namespace goes into that of the release. */
export function sameNamespace(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
