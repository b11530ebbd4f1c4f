import * as z from "zod";
import { identitySchema, scanSchema } from "../config/gate-schema.ts";
import { severities } from "../config/severity.ts";
import { documented } from "./documented.ts";

/** Where the Job's pod has the public key of `gates.signature.configMap` or `secret`. */
export const mountedPublicKey = "/etc/image-promoter-signature/cosign.pub";
/** Where it has the private key of `attestation.secret`. */
export const mountedPrivateKey = "/etc/image-promoter-attestation/cosign.key";

const signature = z
  .strictObject({
    keys: documented(
      z.array(z.string().min(1)),
      [],
      "PEM of public keys, or files that are mounted; any of them suffices",
    ),
    configMap: documented(z.string(), "", "ConfigMap that holds a further public key"),
    secret: documented(z.string(), "", "Secret that holds it, instead of a ConfigMap"),
    key: documented(z.string().min(1), "cosign.pub", "Key of the ConfigMap or Secret"),
    identities: documented(
      z.array(identitySchema),
      [],
      "Who may sign without a key: entries of issuer and subject (or subjectPattern, in which * stands for anything)",
    ),
    trustedRoot: documented(
      z.string(),
      "",
      "trusted_root.json for identities, its JSON or a file that is mounted; empty for Sigstore's public instance",
    ),
  })
  .refine((values) => values.configMap === "" || values.secret === "", {
    message: "configMap and secret exclude each other",
  })
  .describe("Signatures that an image needs to be promoted; with neither keys nor identities it needs none");

const scan = z
  .strictObject({
    highest: documented(
      z.enum(["", ...severities]),
      "",
      "Highest severity of a finding of ECR's scans that may pass: NONE, LOW, … CRITICAL; empty asks for no scan",
    ),
    ignore: documented(
      scanSchema.shape.ignore.unwrap(),
      [],
      "Findings that may be of any severity: CVE-2026-1234",
    ),
    wait: documented(
      z.string().regex(/^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$/, "A duration is written 5m or 1h30m"),
      "5m",
      "How long to wait for a scan that still runs",
    ),
  })
  .describe("What scans may have found in an image");

/** What must hold before an image is promoted, and what is attested after it: the words of promoter.yaml. */
export const gateValues = {
  gates: z
    .strictObject({ signature, scan })
    .describe("What must hold before an image is promoted; by default nothing"),
  attestation: z
    .strictObject({
      enabled: documented(
        z.boolean(),
        false,
        "Whether a statement of its promotion is attached to each image",
      ),
      key: documented(z.string(), "", "What signs it: awskms:///ARN of a key, or a file that is mounted"),
      secret: documented(
        z.string(),
        "",
        "Secret whose cosign.key signs it, with cosign.password: what cosign generate-key-pair k8s:// makes",
      ),
      application: z
        .strictObject({
          name: documented(z.string(), "", "Its name; the parameter $ARGOCD_APP_NAME"),
          namespace: documented(z.string(), "", "Its namespace"),
          project: documented(z.string(), "", "Its project; $ARGOCD_APP_PROJECT_NAME"),
          revision: documented(z.string(), "", "The commit that is synced; $ARGOCD_APP_REVISION"),
          repository: documented(
            z.string(),
            "",
            "The repository that the commit is of; $ARGOCD_APP_SOURCE_REPO_URL",
          ),
        })
        .describe(
          "The Argo CD application to name in the statement; Argo CD fills in parameters of its Helm source",
        ),
      identity: documented(z.string().max(1024), "", "Who promotes, in words of yours"),
    })
    .refine(({ key, secret }) => key === "" || secret === "", {
      message: "key and secret exclude each other",
    })
    .describe("What is attached to images after their promotion"),
};
