import { execFileSync } from "node:child_process";
import process from "node:process";

/**
 * A program that starts another in a mount namespace of its own, after a script of the shell has changed what is
 * mounted there. Nobody else sees the change, and it ends with the process.
 */
export function inMountNamespace(script: string): [program: string, ...args: string[]] {
  const all = `mount --make-rprivate / && ${script} && exec "$@"`;
  return ["unshare", "--mount", "--map-root-user", "sh", "-c", all, "sh"];
}

/** Whether this machine lets us have such a namespace, as CI's containers do. */
export function hasMountNamespaces(): boolean {
  if (process.platform !== "linux") return false;
  const [unshare, ...args] = inMountNamespace("mount -o remount,bind,ro /");
  try {
    execFileSync(unshare, [...args, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
