import { execFile } from "node:child_process";
import { copyFile, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Lays out a file system as the distroless Node image has it: Node in /nodejs/bin with the libraries that it is linked
 * to, the CA certificates, the user `nonroot`, and nothing else: no shell, no package manager.
 * @param node the Node binary to put there
 */
export async function layOutBase(folder: string, node: string): Promise<void> {
  const { stdout } = await run("ldd", [node]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
  const place = async (from: string, to: string) => {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await copyFile(await realpath(from), join(folder, to));
  };
  await place(node, "/nodejs/bin/node");
  for (const library of libraries) await place(library, library);
  await place("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt");
  await writeFile(
    join(folder, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  );
  await writeFile(join(folder, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  await writeFile(join(folder, "etc/nsswitch.conf"), "hosts: files dns\n");
  await mkdir(join(folder, "home/nonroot"), { recursive: true });
  await mkdir(join(folder, "tmp"));
}
