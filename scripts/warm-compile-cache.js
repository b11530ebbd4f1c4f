// Starts the program that lies beside this file as a promotion does, so that what V8 compiles gets into the compile
// cache; nothing is there to promote, and that is no failure.
import process from "node:process";

const [from, to] = ["127.0.0.1:1", "127.0.0.1:2"];
process.argv.splice(2, Infinity, "promote", `${to}/warm:1`, "--from", from, "--to", to, "--timeout", "500ms");
process.on("exit", () => {
  process.exitCode = 0;
});
await import("./image-promoter.js");
