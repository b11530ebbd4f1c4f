import { z } from "zod";
import { EcrException } from "../ecr-exception.ts";
import { requireRegistryAccess } from "./access.ts";
import { type EcrRequest, invalidParameter, operation, regionOf } from "./operation.ts";
import { checkPolicyText } from "./policy-text.ts";

export const describeRegistry = operation(z.object({}), (_, request) => {
  const { accountId, region } = ownRegistry(request);
  return {
    registryId: accountId,
    replicationConfiguration: region.replicationConfiguration ?? { rules: [] },
  };
});

export const putReplicationConfiguration = operation(
  z.object({ replicationConfiguration: z.object({ rules: z.array(z.looseObject({})).max(10) }) }),
  ({ replicationConfiguration }, request) => {
    ownRegistry(request).region.replicationConfiguration = replicationConfiguration;
    return { replicationConfiguration };
  },
);

export const putRegistryPolicy = operation(
  z.object({ policyText: z.string() }),
  ({ policyText }, request) => {
    const { accountId, region } = ownRegistry(request);
    checkPolicyText(request.store, policyText);
    region.registryPolicyText = policyText;
    return { registryId: accountId, policyText };
  },
);

export const getRegistryPolicy = operation(z.object({}), (_, request) => {
  const { accountId, region } = ownRegistry(request);
  if (region.registryPolicyText === undefined) throw noRegistryPolicy(accountId);
  return { registryId: accountId, policyText: region.registryPolicyText };
});

export const deleteRegistryPolicy = operation(z.object({}), (_, request) => {
  const { accountId, region } = ownRegistry(request);
  const { registryPolicyText: policyText } = region;
  if (policyText === undefined) throw noRegistryPolicy(accountId);
  delete region.registryPolicyText;
  return { registryId: accountId, policyText };
});

const settingValues = {
  BLOB_MOUNTING: z.enum(["ENABLED", "DISABLED"]),
  BASIC_SCAN_TYPE_VERSION: z.enum(["AWS_NATIVE", "CLAIR"]),
  REGISTRY_POLICY_SCOPE: z.enum(["V1", "V2"]),
};
const settingName = z.enum(["BLOB_MOUNTING", "BASIC_SCAN_TYPE_VERSION", "REGISTRY_POLICY_SCOPE"]);

export const getAccountSetting = operation(z.object({ name: settingName }), ({ name }, request) => {
  return { name, value: ownRegistry(request).region.settings[name] };
});

export const putAccountSetting = operation(
  z.object({ name: settingName, value: z.string() }),
  ({ name, value }, request) => {
    const { settings } = ownRegistry(request).region;
    const read = z
      .object(settingValues)
      .partial()
      .safeParse({ [name]: value });
    if (!read.success) throw invalidParameter("value", `not a value of ${name}`);
    Object.assign(settings, read.data);
    return { name, value };
  },
);

function ownRegistry(request: EcrRequest) {
  requireRegistryAccess(request);
  const { accountId } = request.principal;
  return { accountId, region: regionOf(request, accountId) };
}

function noRegistryPolicy(accountId: string): EcrException {
  return new EcrException(
    "RegistryPolicyNotFoundException",
    `Registry policy does not exist in the registry with id '${accountId}'`,
  );
}
