import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTool } from "../tool.ts";

/** A certificate that is its own authority. */
export interface TestCertificate extends Disposable {
  readonly key: string;
  readonly cert: string;
  /** The file to name in NODE_EXTRA_CA_CERTS. */
  readonly file: string;
}

/** Makes a certificate for the given name and for 127.0.0.1. */
export function makeCertificate(name: string): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), "promoter-certificate-"));
  const [key, file] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync(requireTool("openssl"), ["req", ...kind, "-keyout", key, "-out", file, ...subject], {
    stdio: "ignore",
  });
  return {
    key: readFileSync(key, "utf8"),
    cert: readFileSync(file, "utf8"),
    file,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
