import { lingering } from "../async/lingering.ts";
import { resolveSettings } from "../config/settings.ts";
import { webhookRulesOf } from "../config/webhook-rules.ts";
import { type Answer, type ListenAddress, listen, reply } from "../http-server/listener.ts";
import { answerProbe, type Readiness } from "../http-server/probes.ts";
import { listenSecurely } from "../http-server/secure-listener.ts";
import type { Log } from "../log.ts";
import { admission } from "../webhook/admission.ts";
import { admissionEndpoint } from "../webhook/admission-endpoint.ts";
import { openBackground } from "../webhook/background.ts";
import { judgeOnDemand } from "../webhook/mutate.ts";
import { judgeAtLast } from "../webhook/validate.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { loadConfigurationFile } from "./load-settings.ts";
import { wantedRoutes } from "./read-images.ts";
import { withRegistries } from "./run-promotion.ts";
import { admissionOptionsOf } from "./serve-admission.ts";
import { readPem, serverCertificates } from "./serve-certificate.ts";
import { demandOf } from "./serve-demand.ts";
import { serveSettingsOf } from "./serve-settings.ts";
import type { Serving } from "./serving.ts";

/** `serve`: answers admission requests until the signal is aborted, and ends what it has begun. */
export async function serve(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime, signal } = command;
  const configuration = await loadConfigurationFile(input, runtime);
  const sources = { flags: input.flags, env: runtime.env, configuration };
  const settings = resolveSettings(sources);
  const own = serveSettingsOf(sources);
  const { timeoutMs, ...unlimited } = settings;
  const routes = wantedRoutes(settings);
  const webhook = webhookRulesOf(configuration);
  // What has been begun is better ended than begun again.
  using work = lingering(signal, own.shutdownDelayMs + own.drainMs);
  await withRegistries(unlimited, { ...command, signal: work.signal }, async (run) => {
    const { clock } = runtime;
    const onDemand = demandOf(run, { own, routes, timeoutMs, clock, signal: work.signal, observe: {} });
    const background = openBackground({
      onDemand,
      clock,
      log: run.log,
      most: own.queue,
      signal: work.signal,
    });
    await untilStopped({ own, settings, webhook, routes, command, run, onDemand, background });
    await background.settled();
  });
  return work.signal.aborted ? exitCodes.temporary : exitCodes.done;
}

async function untilStopped(serving: Serving): Promise<void> {
  const { own, command, run } = serving;
  const { runtime, signal } = command;
  const { log } = run;
  const readiness: Readiness = { ready: false };
  await using closing = new AsyncDisposableStack();
  closing.use(await listenForProbes(own.health, readiness, log));
  const options = await admissionOptionsOf(serving, closing);
  const answer = admissionEndpoint({
    admissions: {
      "/admit": admission(options, judgeOnDemand(serving)),
      "/validate": admission(options, judgeAtLast(serving.onDemand)),
    },
    clock: runtime.clock,
    ...(own.deadlineMs !== undefined && { longestMs: own.deadlineMs }),
  });
  await listenWithCertificates(serving, answer, { readiness, closing });
  await aborted(signal);
  readiness.ready = false;
  log.info({ delayMs: own.shutdownDelayMs }, "Stopping");
  // Endpoints are told of it while requests still come.
  await runtime.clock.sleep(own.shutdownDelayMs);
}

async function listenForProbes(address: ListenAddress, readiness: Readiness, log: Log) {
  const listener = await listen(address, (request, response) => {
    if (!answerProbe(request, response, readiness))
      reply(response, 404, { error: "There are /healthz, /readyz and /metrics" });
  });
  log.info({ host: listener.host, port: listener.port }, "Listening for probes");
  return listener;
}

async function listenWithCertificates(
  { own, command: { runtime, signal }, run: { log } }: Serving,
  answer: Answer,
  { readiness, closing }: { readonly readiness: Readiness; readonly closing: AsyncDisposableStack },
): Promise<void> {
  const { tlsClientCaFile: authority } = own;
  const clientAuthority =
    authority === undefined ? {} : { clientAuthority: await readPem(authority, runtime.readFile) };
  const certificates = serverCertificates(own, runtime);
  const first = await certificates.next();
  if (first.done === true) return;
  const listener = closing.use(
    await listenSecurely(own.listen, answer, { certificate: first.value, ...clientAuthority }),
  );
  readiness.ready = !signal.aborted;
  log.info({ host: listener.host, port: listener.port }, "Listening for admission requests");
  void renewing();

  async function renewing(): Promise<void> {
    for await (const certificate of certificates) listener.renew(certificate);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return;
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
