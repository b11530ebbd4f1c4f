import { execFile } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";

/** Bytes in, bytes out, through the real process. */
function injectBytes(input: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const args = ["job/main.ts", "inject", "--from=dev.example.com", "--to=prod.example.com"];
  const child = execFile(process.execPath, args, { encoding: "buffer" }, (error, stdout) =>
    error === null ? resolve(stdout) : reject(error),
  );
  child.stdin?.end(input);
  return promise;
}

const manifests = `apiVersion: v1
kind: Pod
metadata: {name: web}   # é 😀
spec: {containers: [{name: web, image: "IMAGE"}]}`;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

it.each<[string, Buffer]>([
  ["a byte order mark and Windows line ends", Buffer.concat([byteOrderMark, windows("nginx")])],
  ["no last line end, and other alphabets", Buffer.from(manifests.replace("IMAGE", "nginx"))],
  ["nothing", Buffer.alloc(0)],
  [
    "more than a pipe holds at once",
    Buffer.from(`${manifests.replace("IMAGE", "nginx")}\n${"# x\n".repeat(200_000)}`),
  ],
])("hands on what has nothing to promote, to the byte: %s", async (_what, input) => {
  expect(await injectBytes(input)).toEqual(input);
});

it("adds behind the bytes that came in", async () => {
  const input = Buffer.concat([byteOrderMark, windows("prod.example.com/web:1")]);
  const output = await injectBytes(input);
  expect(output.subarray(0, input.length)).toEqual(input);
  expect(output.subarray(input.length).toString()).toContain(
    "\r\n---\r\napiVersion: batch/v1\r\nkind: Job\r\n",
  );
});

function windows(image: string): Buffer {
  return Buffer.from(manifests.replace("IMAGE", image).replaceAll("\n", "\r\n"));
}
