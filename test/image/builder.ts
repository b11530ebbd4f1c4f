import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** What a program said, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The part of an image's configuration that runs it. */
export interface ImageConfiguration {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

/** buildah with a storage of its own, which asks no registry and needs no daemon. */
export interface Builder extends AsyncDisposable {
  /** Builds `name` from a Dockerfile; `options` as `buildah build` has them. */
  build(name: string, dockerfile: string, context: string, options?: readonly string[]): Promise<void>;
  /** Pushes an image as `name` to a registry that speaks plain HTTP. */
  push(image: string, name: string): Promise<void>;
  configuration(image: string): Promise<ImageConfiguration>;
  /** Makes a container of an image. */
  container(image: string): Promise<Container>;
}

export interface Container {
  /** Where its files can be seen from outside. */
  readonly root: string;
  /** Runs a command in it; it sees this machine's loopback. Does not throw when the command fails. */
  run(
    command: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>> },
  ): Promise<Ended>;
}

/** Starts with an empty storage in a temporary folder, which goes when the builder is disposed of. */
export async function openBuilder(buildah: string): Promise<Builder> {
  const storage = await mkdtemp(join(tmpdir(), "image-test-"));
  const places = [
    "--root",
    join(storage, "root"),
    "--runroot",
    join(storage, "run"),
    "--storage-driver",
    "vfs",
  ];
  const attempt = (...args: readonly string[]) => execute(buildah, [...places, ...args]);
  const must = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await attempt(...args);
    if (code !== 0) throw new Error(`buildah ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  return {
    async build(name, dockerfile, context, options = []) {
      await must(
        "build",
        "--pull-never",
        "--quiet",
        ...options,
        "--tag",
        name,
        "--file",
        dockerfile,
        context,
      );
    },
    async push(image, name) {
      await must("push", "--quiet", "--tls-verify=false", image, `docker://${name}`);
    },
    async configuration(image) {
      const { OCIv1 } = JSON.parse(await must("inspect", "--type", "image", image));
      return OCIv1.config;
    },
    async container(image) {
      const id = await must("from", "--pull-never", image);
      const root = await must("mount", id);
      return {
        root,
        run: (command, { env = {} } = {}) =>
          attempt(
            "run",
            ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
            id,
            "--",
            ...command,
          ),
      };
    },
    async [Symbol.asyncDispose]() {
      await attempt("umount", "--all");
      await attempt("rm", "--all");
      await rm(storage, { recursive: true, force: true });
    },
  };
}

function execute(program: string, args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, BUILDAH_ISOLATION: "chroot" };
  return new Promise((resolve) => {
    execFile(program, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}
