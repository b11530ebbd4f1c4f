import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import type { EcrApi } from "./api.ts";
import { isPattern } from "./policy/registry-place.ts";

/**
 * The repositories of a registry that are meant, each once, by name. They are listed only where a pattern asks for it;
 * a repository that is named is looked up.
 *
 * @param wanted names, and patterns in which `*` stands for any characters.
 * @throws {PromoterError} `NameUnknown` when a name, or a pattern, stands for no repository; `Denied` when the identity
 * may not list them.
 */
export async function findRepositories(
  api: EcrApi,
  wanted: readonly string[],
  waiting: Waiting = {},
): Promise<readonly string[]> {
  const patterns = wanted.filter(isPattern);
  const names = wanted.filter((name) => !isPattern(name));
  const listed = patterns.length === 0 ? [] : await listNames(api, waiting);
  const found = new Set<string>();
  for (const pattern of patterns) {
    const matching = listed.filter((name) => matchesWildcard(pattern, name));
    if (matching.length === 0) throw unknown(api, pattern, "has no repository that matches");
    for (const name of matching) found.add(name);
  }
  for (const name of names) {
    if (found.has(name)) continue;
    const repository = await api.describeRepository(name, waiting);
    if (repository === undefined) throw unknown(api, name, "has no repository");
    found.add(name);
  }
  return [...found].sort();
}

async function listNames(api: EcrApi, waiting: Waiting): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of api.listRepositories(waiting)) names.push(...page.map(({ name }) => name));
  return names;
}

function unknown({ host }: EcrApi, name: string, what: string): PromoterError {
  return new PromoterError("NameUnknown", `${host.host} ${what} ${name}`, {
    hint: `See what there is: aws ecr describe-repositories --registry-id ${host.accountId} --region ${host.region} --query 'repositories[].repositoryName'`,
  });
}
