/** A policy that IAM would refuse to store. Services wrap it into an error of their own. */
export class PolicyDocumentError extends Error {
  override readonly name = "PolicyDocumentError";
}
