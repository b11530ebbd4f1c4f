// Loaded before the program: names under .test are this machine, once FICKLE_RESOLVER="CODE COUNT" lookups of a name have
// failed with that code. Other names are left to the system.
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

const [code = "ENOTFOUND", count = "0"] = (process.env.FICKLE_RESOLVER ?? "").split(" ");
const { lookup } = dns;
const asked = new Map();

dns.lookup = (host, options, callback) => {
  if (!host.endsWith(".test")) return lookup(host, options, callback);
  const times = (asked.get(host) ?? 0) + 1;
  asked.set(host, times);
  if (times <= Number(count)) {
    const error = Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, syscall: "getaddrinfo" });
    return process.nextTick(callback, error);
  }
  return lookup("127.0.0.1", options, callback);
};
syncBuiltinESMExports();
