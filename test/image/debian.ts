import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { runProgram } from "../integration/run-tool.ts";
import { findTool } from "../tool.ts";
import { placeProgram } from "./base.ts";
import type { BuildImageOptions } from "./build-image.ts";

/** What {@link buildDebian} makes. */
export const debianImage = "localhost/debian:test";

/** As much of Debian as the image with git takes of it: what its Dockerfile installs is there, from this machine. */
export async function buildDebian({
  builder,
  work,
}: Pick<BuildImageOptions, "builder" | "work">): Promise<void> {
  const folder = join(work, "debian");
  // Of Node only the libraries that it is linked to.
  await placeProgram(folder, process.execPath, "/nodejs/bin/node");
  await rm(join(folder, "nodejs"), { recursive: true });
  const { stdout } = await runProgram("git", ["--exec-path"]);
  const programs = {
    sh: "/bin/sh",
    rm: "/usr/bin/rm",
    git: "/usr/bin/git",
    ...Object.fromEntries(
      ["git-remote-http", "git-remote-https"].map((name) => {
        const path = join(stdout.trim(), name);
        return [path, path];
      }),
    ),
  };
  for (const [program, target] of Object.entries(programs))
    await placeProgram(folder, findTool(program) ?? program, target);
  const files = {
    "usr/bin/apt-get": "#!/bin/sh\n",
    "usr/sbin/groupadd": "#!/bin/sh\n",
    "usr/sbin/useradd": "#!/bin/sh\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532::/home/nonroot:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nnonroot:x:65532:\n",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: 0o755 });
  }
  await mkdir(join(folder, "tmp"));
  await chmod(join(folder, "tmp"), 0o1777);
  const dockerfile = join(work, "debian.Dockerfile");
  await writeFile(dockerfile, "FROM scratch\nCOPY . /\nENV PATH=/usr/sbin:/usr/bin:/bin\n");
  await builder.build(debianImage, dockerfile, folder);
}
