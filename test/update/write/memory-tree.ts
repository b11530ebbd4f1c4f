import type { FileTree } from "../../../job/update/application.ts";

/** Files by their paths, in memory. */
export function memoryTree(files: Readonly<Record<string, string>>): FileTree & {
  readonly files: Map<string, string>;
} {
  const held = new Map(Object.entries(files));
  return {
    files: held,
    read: async (path) => held.get(path),
    async write(path, text) {
      held.set(path, text);
    },
    async list(folder) {
      const prefix = folder === "" ? "" : `${folder}/`;
      const inside = [...held.keys()].filter((path) => path.startsWith(prefix));
      return [...new Set(inside.map((path) => path.slice(prefix.length).replace(/\/.*$/s, "/")))].sort();
    },
  };
}
