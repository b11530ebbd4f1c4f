import type { ImagePath } from "../images/image-path.ts";
import type { ImageRequest } from "../images/image-request.ts";
import type { Route } from "./route-flag.ts";
import type { RegistrySettings, RepositoryCreation } from "./schema.ts";

/** What a command runs with, after flags, environment, configuration file and defaults were put together. */
export interface Settings {
  readonly routes: readonly Route[];
  /** Images named one by one: arguments, else PROMOTER_IMAGES, else the configuration's. */
  readonly images: readonly ImageRequest[];
  /** Kubernetes manifests to read; `-` is standard input. */
  readonly filenames: readonly string[];
  /** Lists of images to read; `-` is standard input. */
  readonly imagesFiles: readonly string[];
  readonly imagePaths: readonly ImagePath[];
  readonly registries: readonly RegistrySettings[];
  /** Hosts (with port) that are spoken to in plain HTTP: of flags, environment and `registries[].insecure`. */
  readonly insecureRegistries: readonly string[];
  /** Where a host's requests go instead: of flags, environment and `registries[].endpoint`. */
  readonly endpoints: ReadonlyMap<string, URL>;
  readonly concurrency: number;
  readonly timeoutMs?: number;
  readonly overwrite: "mutable" | "never";
  readonly referrers: "all" | "none" | "required";
  readonly strict: boolean;
  /** False, or how repositories that are missing at the destination are created. */
  readonly createRepositories: false | RepositoryCreation;
  readonly output: "text" | "json" | "yaml" | "markdown";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** `auto`: text on a terminal, JSON lines elsewhere. */
  readonly logFormat: "auto" | "text" | "json";
}

export interface SettingsInput {
  /** Commander's `opts()`: names in camel case. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The images of the command line. */
  readonly arguments?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configuration?: import("./schema.ts").PromoterConfiguration;
}

/** Flag before environment variable before configuration file before default. @throws {PromoterError} `Usage`, `InvalidConfiguration` */
export declare function resolveSettings(input: SettingsInput): Settings;
