import { type SelfSigned, selfSigned } from "../../kubernetes/self-signed.ts";
import type { Namespace } from "../namespace.ts";
import type { WebhookRelease } from "./release.ts";

const secret = "given";

/** A certificate for the Service, by which alone it is vouched for. */
export function makeCertificate({ namespace, name }: WebhookRelease): SelfSigned {
  return selfSigned({ names: [`${name}.${namespace.name}.svc`], loopback: false });
}

/** Puts it into the Secret. */
export async function putCertificate(namespace: Namespace, { certificate, key }: SelfSigned): Promise<void> {
  const stringData = { "tls.crt": certificate, "tls.key": key };
  const object = { apiVersion: "v1", kind: "Secret", metadata: { name: secret }, type: "kubernetes.io/tls" };
  await namespace.kubectl(["apply", "-f", "-"], { input: JSON.stringify({ ...object, stringData }) });
}

/** Puts a certificate of the user's into a Secret; gives the values by which the webhook shows it. */
export async function givenCertificate(release: WebhookRelease): Promise<object> {
  const made = makeCertificate(release);
  await putCertificate(release.namespace, made);
  return { mode: "secret", secret, caBundle: made.certificate };
}
