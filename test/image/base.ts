import { execFile } from "node:child_process";
import { copyFile, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Puts a program of this machine into a folder that becomes an image, with the libraries that it is linked to.
 * @param target its path in the image
 */
export async function placeProgram(folder: string, program: string, target: string): Promise<void> {
  const { stdout } = await run("ldd", [program]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
  await place(folder, program, target);
  for (const library of libraries) await place(folder, library, library);
}

async function place(folder: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(folder, to)), { recursive: true });
  await copyFile(await realpath(from), join(folder, to));
}

/**
 * Lays out a file system as the distroless Node image has it: Node in /nodejs/bin with the libraries that it is linked
 * to, the CA certificates, the user `nonroot`, and nothing else: no shell, no package manager.
 * @param node the Node binary to put there
 */
export async function layOutBase(folder: string, node: string): Promise<void> {
  await placeProgram(folder, node, "/nodejs/bin/node");
  await place(folder, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt");
  await writeFile(
    join(folder, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  );
  await writeFile(join(folder, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  await writeFile(join(folder, "etc/nsswitch.conf"), "hosts: files dns\n");
  await mkdir(join(folder, "home/nonroot"), { recursive: true });
  await mkdir(join(folder, "tmp"));
}
