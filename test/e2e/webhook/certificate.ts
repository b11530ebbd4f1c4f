import { selfSigned } from "../../kubernetes/self-signed.ts";
import type { WebhookRelease } from "./release.ts";

/** Puts a certificate of the user's into a Secret; gives the values by which the webhook shows it. */
export async function givenCertificate({ namespace, name }: WebhookRelease): Promise<object> {
  const host = `${name}.${namespace.name}.svc`;
  const { certificate, key } = selfSigned({ names: [host], loopback: false });
  const data = { "tls.crt": certificate, "tls.key": key };
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "given" }, type: "kubernetes.io/tls" };
  const input = JSON.stringify({ ...secret, stringData: data });
  await namespace.kubectl(["apply", "-f", "-"], { input });
  return { mode: "secret", secret: "given", caBundle: certificate };
}
