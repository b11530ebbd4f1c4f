import type { EcrEmulator } from "./emulator.ts";
import type { EmulatorOptions } from "./emulator-options.ts";

export async function startServers(_options: EmulatorOptions): Promise<EcrEmulator> {
  throw new Error("being written");
}
