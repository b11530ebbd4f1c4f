import { z } from "zod";
import { EcrException, repositoryNotFound } from "../ecr-exception.ts";
import type { Repository } from "../repository.ts";
import { openRepository, requestTagKeys } from "./access.ts";
import { tagList } from "./input.ts";
import { type EcrRequest, invalidParameter, operation } from "./operation.ts";

const maxTags = 50;
const resourceArn = z.string();

export const tagResource = operation(z.object({ resourceArn, tags: tagList }), (input, request) => {
  const repository = repositoryByArn(request, input.resourceArn, requestTagKeys(input.tags));
  const tags = { ...Object.fromEntries(repository.tags), ...input.tags };
  if (Object.keys(tags).length > maxTags) {
    throw new EcrException("TooManyTagsException", `A repository can have at most ${maxTags} tags`);
  }
  for (const [name, value] of Object.entries(input.tags)) repository.tags.set(name, value);
  return {};
});

export const untagResource = operation(
  z.object({ resourceArn, tagKeys: z.array(z.string()) }),
  (input, request) => {
    const repository = repositoryByArn(request, input.resourceArn, { "aws:TagKeys": input.tagKeys });
    for (const name of input.tagKeys) repository.tags.delete(name);
    return {};
  },
);

export const listTagsForResource = operation(z.object({ resourceArn }), (input, request) => {
  const repository = repositoryByArn(request, input.resourceArn, {});
  return { tags: [...repository.tags].map(([Key, Value]) => ({ Key, Value })) };
});

function repositoryByArn(
  request: EcrRequest,
  arn: string,
  keys: Readonly<Record<string, string | readonly string[]>>,
): Repository {
  const match = /^arn:[a-z-]+:ecr:([a-z0-9-]+):([0-9]{12}):repository\/(.+)$/.exec(arn);
  const [, region, registryId = "", repositoryName = ""] = match ?? [];
  if (match === null) throw invalidParameter("resourceArn", "Invalid ARN");
  if (region !== request.call.region) throw repositoryNotFound(registryId, repositoryName);
  return openRepository(request, { registryId, repositoryName }, { keys });
}
