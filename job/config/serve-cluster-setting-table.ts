import { parsePeriod } from "./period.ts";
import { defaulted, list, setting } from "./setting-forms.ts";
import { asText, parseBoolean } from "./setting-values.ts";

/** The settings of `serve` for what it does in the cluster that it runs in. */
export const serveClusterSettings = {
  tlsSecret: setting({
    flag: "--tls-secret <name>",
    variable: "PROMOTER_TLS_SECRET",
    description: "instead of files: Secret of its own namespace that holds the certificate",
    parse: asText,
  }),
  tlsSelfManaged: defaulted({
    flag: "--tls-self-managed",
    variable: "PROMOTER_TLS_SELF_MANAGED",
    description: "make and renew the certificate of that Secret",
    parse: parseBoolean,
    default: false,
  }),
  tlsNames: list({
    flag: "--tls-name <name>",
    variable: "PROMOTER_TLS_NAME",
    description: "what the API server calls it, for that certificate: SERVICE.NAMESPACE.svc",
    parse: asText,
  }),
  tlsLifetime: defaulted({
    flag: "--tls-lifetime <period>",
    variable: "PROMOTER_TLS_LIFETIME",
    description: "how long such a certificate holds; it is renewed after two thirds of it; default 90d",
    parse: parsePeriod,
    default: 90 * 24 * 3_600_000,
  }),
  webhookConfigurations: list({
    flag: "--webhook-configuration <name>",
    variable: "PROMOTER_WEBHOOK_CONFIGURATION",
    description: "mutating and validating configuration in which the API server is told to trust it",
    parse: asText,
  }),
  lease: setting({
    flag: "--lease <name>",
    variable: "PROMOTER_LEASE",
    description:
      "Lease by which one of several replicas does what one of them is to do; default image-promoter",
    parse: asText,
  }),
  watchPods: defaulted({
    flag: "--watch",
    variable: "PROMOTER_WATCH",
    description: "promote, too, what pods wait for already: ErrImagePull, ImagePullBackOff",
    parse: parseBoolean,
    default: false,
  }),
} as const;
