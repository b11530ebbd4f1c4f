import { join } from "node:path";
import { PromoterError } from "../error.ts";
import { credentialHelpers, type RunHelper } from "./credential-helper.ts";
import type { CredentialProvider, Credentials, CredentialsRequest } from "./credentials.ts";
import {
  canonicalHost,
  type DockerConfig,
  inlineCredentials,
  ownHelper,
  parseDockerConfig,
  serverUrlOf,
} from "./docker-config-file.ts";
import { InFlight } from "./in-flight.ts";
import { sameCredentials } from "./renewable-credentials.ts";

export interface DockerConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file, whole, as UTF-8. Throws Node's error with its `code`. */
  readonly readFile: (path: string) => Promise<string>;
  /** Runs credential helpers; those installed, unless given. */
  readonly runHelper?: RunHelper;
}

/**
 * Credentials out of the files that `docker login`, `podman login` and their like write. The first of these files
 * that has something for a host decides: `$REGISTRY_AUTH_FILE`, `$DOCKER_CONFIG/config.json` or
 * `~/.docker/config.json`, `$XDG_RUNTIME_DIR/containers/auth.json`. Files are read once; what is found for a host is
 * kept until it is refused.
 *
 * {@link https://docs.docker.com/reference/cli/docker/login/#credential-stores}
 * {@link https://github.com/containers/image/blob/v5.36.0/docs/containers-auth.json.5.md}
 *
 * `credentialsFor` throws {PromoterError} `InvalidConfiguration` for a file that cannot be read or understood, and
 * what {@link credentialHelpers} throws.
 */
export function dockerConfigCredentials(options: DockerConfigOptions): CredentialProvider {
  return new DockerConfigCredentials(options);
}

class DockerConfigCredentials implements CredentialProvider {
  readonly #options: DockerConfigOptions;
  readonly #runHelper: RunHelper;
  readonly #found = new Map<string, Credentials | undefined>();
  readonly #searches = new InFlight<string, Credentials | undefined>();
  #files: Promise<readonly DockerConfig[]> | undefined;

  constructor(options: DockerConfigOptions) {
    this.#options = options;
    this.#runHelper = options.runHelper ?? credentialHelpers({ env: options.env });
  }

  async credentialsFor(host: string, request: CredentialsRequest = {}): Promise<Credentials | undefined> {
    const key = canonicalHost(host);
    const known = this.#found.get(key);
    const isRefused =
      known !== undefined && request.refused !== undefined && sameCredentials(known, request.refused);
    if (isRefused) this.#found.delete(key);
    if (this.#found.has(key)) return this.#found.get(key);
    return this.#searches.run(key, () => this.#search(key), request);
  }

  async #search(host: string): Promise<Credentials | undefined> {
    this.#files ??= readAll(this.#options);
    for (const file of await this.#files) {
      const credentials = await this.#lookIn(file, host);
      if (credentials === undefined) continue;
      this.#found.set(host, credentials);
      return credentials;
    }
    this.#found.set(host, undefined);
    return undefined;
  }

  async #lookIn(file: DockerConfig, host: string): Promise<Credentials | undefined> {
    const helper = ownHelper(file, host);
    if (helper !== undefined) return this.#runHelper(helper, serverUrlOf(host));
    const inline = inlineCredentials(file, host);
    if (inline !== undefined || file.credsStore === undefined) return inline;
    return this.#runHelper(file.credsStore, serverUrlOf(host));
  }
}

interface Location {
  readonly path: string;
  /** Whether the user named the place, so that not being allowed to read it is a mistake. */
  readonly named: boolean;
}

function locations({ env }: DockerConfigOptions): readonly Location[] {
  const found: Location[] = [];
  const home = env.HOME || env.USERPROFILE;
  if (env.REGISTRY_AUTH_FILE) found.push({ path: env.REGISTRY_AUTH_FILE, named: true });
  if (env.DOCKER_CONFIG) found.push({ path: join(env.DOCKER_CONFIG, "config.json"), named: true });
  else if (home) found.push({ path: join(home, ".docker", "config.json"), named: false });
  if (env.XDG_RUNTIME_DIR) {
    found.push({ path: join(env.XDG_RUNTIME_DIR, "containers", "auth.json"), named: false });
  }
  return found;
}

async function readAll(options: DockerConfigOptions): Promise<readonly DockerConfig[]> {
  const read = await Promise.all(locations(options).map((location) => readOne(options, location)));
  return read.filter((file) => file !== undefined);
}

async function readOne(
  { readFile }: DockerConfigOptions,
  location: Location,
): Promise<DockerConfig | undefined> {
  const { path, named } = location;
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    // A container's HOME may belong to another user; nobody put credentials for this one there.
    if (!named && (code === "EACCES" || code === "EPERM")) return undefined;
    throw new PromoterError("InvalidConfiguration", `Cannot read the credentials in ${path}`, {
      cause: error,
      hint: `Make ${path} a file that this program may read`,
    });
  }
  return text.trim() === "" ? undefined : parseDockerConfig(path, text);
}
