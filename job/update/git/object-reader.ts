import { PromoterError } from "../../error.ts";
import type { BareRepository } from "./bare-repository.ts";
import { gitError } from "./git-error.ts";

type Asked = Map<string, PromiseWithResolvers<Buffer>>;

/**
 * Reads files of a repository by their ids. Those that are asked for at the same time are read by one process, because
 * a folder may hold thousands.
 */
export function objectReader(repository: BareRepository): (object: string) => Promise<Buffer> {
  let asked: Asked = new Map();
  const readAll = async () => {
    const batch = asked;
    asked = new Map();
    try {
      await readBatch(repository, batch);
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    }
  };
  return (object) => {
    const known = asked.get(object);
    if (known !== undefined) return known.promise;
    if (asked.size === 0) setImmediate(() => void readAll());
    const reading = Promise.withResolvers<Buffer>();
    asked.set(object, reading);
    return reading.promise;
  };
}

/** {@link https://git-scm.com/docs/git-cat-file#_batch_output} */
async function readBatch({ address, run }: BareRepository, batch: Asked): Promise<void> {
  const ended = await run(["cat-file", "--batch"], { input: `${[...batch.keys()].join("\n")}\n` });
  if (ended.exitCode !== 0) throw gitError("read files of", address, ended);
  const { stdout } = ended;
  let at = 0;
  for (const [object, { resolve }] of batch) {
    const end = stdout.indexOf("\n", at);
    const [id, kind, size = ""] = stdout.subarray(at, end).toString("latin1").split(" ");
    const length = Number(size);
    if (end < 0 || id !== object || kind !== "blob" || end + 1 + length > stdout.length) {
      throw new PromoterError("Unavailable", `Cannot read files of ${address.address}: git left some out`, {
        temporary: true,
        hint: "Leave files out that are larger than 256 MiB, and name files instead of folders",
      });
    }
    resolve(stdout.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
}
