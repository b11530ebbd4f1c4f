/** Names of the ECR API's exceptions that the store and the API throw. */
export type EcrExceptionName =
  | "AccessDeniedException"
  | "EmptyUploadException"
  | "ImageAlreadyExistsException"
  | "ImageArchivedException"
  | "ImageDigestDoesNotMatchException"
  | "ImageNotFoundException"
  | "ImageTagAlreadyExistsException"
  | "InvalidLayerException"
  | "InvalidLayerPartException"
  | "InvalidParameterException"
  | "KmsException"
  | "LayerAlreadyExistsException"
  | "LayerInaccessibleException"
  | "LayerPartTooSmallException"
  | "LayersNotFoundException"
  | "LifecyclePolicyNotFoundException"
  | "LimitExceededException"
  | "ReferencedImagesNotFoundException"
  | "RegistryPolicyNotFoundException"
  | "RepositoryAlreadyExistsException"
  | "RepositoryNotEmptyException"
  | "RepositoryNotFoundException"
  | "RepositoryPolicyNotFoundException"
  | "ScanNotFoundException"
  | "ServerException"
  | "TemplateAlreadyExistsException"
  | "TemplateNotFoundException"
  | "ThrottlingException"
  | "TooManyTagsException"
  | "UnsupportedManifestException"
  | "UploadNotFoundException"
  | "ValidationException";

/**
 * A refusal in ECR's words. The JSON API sends it under its own name; the registry protocol translates it into the
 * distribution specification's codes (registry-error.ts).
 */
export class EcrException extends Error {
  override readonly name: EcrExceptionName;
  /** More members of the API's answer, such as `lastValidByteReceived`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(name: EcrExceptionName, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.members = members;
  }
}

export function repositoryNotFound(accountId: string, name: string): EcrException {
  return new EcrException(
    "RepositoryNotFoundException",
    `The repository with name '${name}' does not exist in the registry with id '${accountId}'`,
  );
}
