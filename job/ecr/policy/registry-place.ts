import { PromoterError } from "../../error.ts";

/** An account's registry in one region. */
export interface RegistryPlace {
  /** `aws`, `aws-cn`, `aws-us-gov` and so on: the second part of every ARN. */
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
}

/** Repositories of one registry. */
export interface RepositoryScope extends RegistryPlace {
  /** Names, or patterns in which `*` stands for any characters, `/` among them. */
  readonly repositories: readonly string[];
}

/** The ARNs of the repositories, for `Resource`. {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html} */
export function repositoryArns({ partition, region, accountId, repositories }: RepositoryScope): string[] {
  return repositories.map((name) => `arn:${partition}:ecr:${region}:${accountId}:repository/${name}`);
}

/**
 * Reads a repository's name or pattern.
 *
 * @throws {PromoterError} `Usage` for what can name no repository.
 */
export function parseRepositoryPattern(text: string): string {
  if (/^[a-z0-9*](?:[a-z0-9._/*-]{0,255})$/.test(text)) return text;
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} names no repository`, {
    hint: "Write a name as in the image, without host and tag, or a pattern with *: team/app, 'team/*'",
  });
}

/** Whether a name stands for several repositories. */
export function isPattern(repository: string): boolean {
  return repository.includes("*");
}
