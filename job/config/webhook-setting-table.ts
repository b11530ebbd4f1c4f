import { drainSettingFor } from "./drain-setting.ts";
import { parseDuration } from "./duration.ts";
import { parseListenAddress } from "./listen-address.ts";
import { serveClusterSettings } from "./serve-cluster-setting-table.ts";
import { choice, defaulted, setting } from "./setting-forms.ts";
import { parseCount } from "./setting-numbers.ts";
import { asText, parseBoolean, parseConcurrency } from "./setting-values.ts";
import { admissionPolicies, failureActions } from "./webhook-words.ts";

/** The settings of `serve`. */
export const serveSettings = {
  listen: defaulted({
    flag: "--listen <address>",
    variable: "PROMOTER_LISTEN",
    description: "answer the API server's admission requests here, by HTTPS: [HOST:]PORT; default 8443",
    parse: parseListenAddress,
    default: { port: 8443 },
  }),
  health: defaulted({
    flag: "--health <address>",
    variable: "PROMOTER_HEALTH",
    description: "answer /healthz, /readyz and /metrics here: [HOST:]PORT; default 8080",
    parse: parseListenAddress,
    default: { port: 8080 },
  }),
  tlsCertFile: setting({
    flag: "--tls-cert-file <file>",
    variable: "PROMOTER_TLS_CERT_FILE",
    description: "the server's certificate, PEM",
    parse: asText,
  }),
  tlsKeyFile: setting({
    flag: "--tls-key-file <file>",
    variable: "PROMOTER_TLS_KEY_FILE",
    description: "its private key, PEM",
    parse: asText,
  }),
  tlsClientCaFile: setting({
    flag: "--tls-client-ca-file <file>",
    variable: "PROMOTER_TLS_CLIENT_CA_FILE",
    description: "authorities, PEM: answer only clients with a certificate of theirs",
    parse: asText,
  }),
  ...serveClusterSettings,
  policy: choice({
    flag: "--policy <policy>",
    variable: "PROMOTER_POLICY",
    description: "what is done about missing images, where no rule and no annotation says otherwise",
    path: "webhook.policy",
    fromFile: (file) => file.webhook?.policy,
    choices: admissionPolicies,
    default: "wait",
  }),
  onFailure: choice({
    flag: "--on-failure <action>",
    variable: "PROMOTER_ON_FAILURE",
    description: "what becomes of pods whose images are not there in time, or of which nobody can say",
    path: "webhook.onFailure",
    fromFile: (file) => file.webhook?.onFailure,
    choices: failureActions,
    default: "allow",
  }),
  deadline: setting({
    flag: "--deadline <duration>",
    variable: "PROMOTER_DEADLINE",
    description: "longest wait for images; never as long as the API server waits: 8s",
    path: "webhook.deadline",
    fromFile: (file) =>
      file.webhook?.deadline === undefined ? undefined : parseDuration(file.webhook.deadline),
    parse: parseDuration,
  }),
  cacheTtl: defaulted({
    flag: "--cache-ttl <duration>",
    variable: "PROMOTER_CACHE_TTL",
    description: "how long an image that was found is taken to be there; default 1m",
    path: "webhook.cacheTtl",
    fromFile: (file) =>
      file.webhook?.cacheTtl === undefined ? undefined : parseDuration(file.webhook.cacheTtl),
    parse: parseDuration,
    default: 60_000,
  }),
  atOnce: defaulted({
    flag: "--at-once <number>",
    variable: "PROMOTER_AT_ONCE",
    description: "images that are promoted at the same time",
    path: "webhook.atOnce",
    fromFile: (file) => file.webhook?.atOnce,
    parse: parseConcurrency,
    default: 16,
  }),
  queue: defaulted({
    flag: "--queue <number>",
    variable: "PROMOTER_QUEUE",
    description: "images that are promoted or wait for it, at the most",
    path: "webhook.queue",
    fromFile: (file) => file.webhook?.queue,
    parse: parseCount,
    default: 2000,
  }),
  statusPage: defaulted({
    flag: "--status-page",
    variable: "PROMOTER_STATUS_PAGE",
    description: "show at / of --health which modules are in which environments, to be read only",
    parse: parseBoolean,
    default: false,
  }),
  shutdownDelay: defaulted({
    flag: "--shutdown-delay <duration>",
    variable: "PROMOTER_SHUTDOWN_DELAY",
    description:
      "how long to answer after SIGTERM, until everybody knows that others are to be asked; default 5s",
    parse: parseDuration,
    default: 5_000,
  }),
  drain: drainSettingFor("promotions"),
} as const;
