import { lingering } from "../async/lingering.ts";
import { untilAborted } from "../async/until-aborted.ts";
import { resolveSettings } from "../config/settings.ts";
import { webhookRulesOf } from "../config/webhook-rules.ts";
import { listen } from "../http-server/listener.ts";
import { type Page, plainEndpoint } from "../http-server/plain-endpoint.ts";
import type { Readiness } from "../http-server/probes.ts";
import { metricsType, openMetrics } from "../report/prometheus.ts";
import { version } from "../version.ts";
import { admissionMetrics } from "../webhook/admission-metrics.ts";
import { openBackground } from "../webhook/background.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { loadConfigurationFile } from "./load-settings.ts";
import { openStatusPage } from "./open-status-page.ts";
import { wantedRoutes } from "./read-images.ts";
import { type PromotionRun, withRegistries } from "./run-promotion.ts";
import { admissionOptionsOf, listenForAdmission } from "./serve-admission.ts";
import { checkCluster, lead, openCluster } from "./serve-cluster.ts";
import { demandOf } from "./serve-demand.ts";
import { serveSettingsOf } from "./serve-settings.ts";
import type { Serving } from "./serving.ts";
import { residentEnvironments } from "./status-environments.ts";

/** `serve`: answers admission requests until the signal is aborted, and ends what it has begun. */
export async function serve(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime, signal } = command;
  const configuration = await loadConfigurationFile(input, runtime);
  const sources = { flags: input.flags, env: runtime.env, configuration };
  const settings = resolveSettings(sources);
  const own = serveSettingsOf(sources);
  const given = {
    flags: input.flags,
    own,
    settings,
    webhook: webhookRulesOf(configuration),
    routes: wantedRoutes(settings),
  };
  const { timeoutMs: _, ...unlimited } = settings;
  // What has been begun is better ended than begun again.
  using work = lingering(signal, own.shutdownDelayMs + own.drainMs);
  await withRegistries(unlimited, { ...command, signal: work.signal }, async (run) => {
    const serving = begun({ ...given, command, run, work: work.signal });
    await untilStopped(serving);
    await serving.background.settled();
  });
  return work.signal.aborted ? exitCodes.temporary : exitCodes.done;
}

/** Makes what the parts of the process share. */
function begun(given: Omit<Serving, "metrics" | "counting" | "onDemand" | "background">): Serving {
  const { own, settings, routes, run, work: signal, command } = given;
  const { clock } = command.runtime;
  const metrics = openMetrics();
  metrics.gauge("image_promoter_build_info", "The version that runs", () => 1, { version });
  const counting = admissionMetrics(metrics);
  const onDemand = demandOf(run, {
    own,
    routes,
    timeoutMs: settings.timeoutMs,
    clock,
    signal,
    observe: demandObserver(run, counting.demand),
  });
  const background = openBackground({
    onDemand,
    clock,
    log: run.log,
    most: own.queue,
    stopping: command.signal,
    signal,
  });
  counting.watch(onDemand, background);
  return { ...given, metrics, counting, onDemand, background };
}

/** Each promotion is worth a line, and a number. */
function demandObserver({ log }: PromotionRun, counting: Serving["counting"]["demand"]): typeof counting {
  return {
    ...counting,
    promoted(report, durationMs) {
      counting.promoted?.(report, durationMs);
      const { destination: image, origin, status, bytesCopied, error } = report;
      const about = { image, origin, status, bytesCopied, durationMs: Math.round(durationMs) };
      if (error === undefined) log.info(about, "Promoted on demand");
      else log.warn({ ...about, code: error.code, hint: error.hint }, error.message);
    },
  };
}

async function untilStopped(serving: Serving): Promise<void> {
  const { own, command, run, metrics } = serving;
  const { log } = run;
  const readiness: Readiness = { ready: false };
  const pages = pagesOf(serving);
  await using closing = new AsyncDisposableStack();
  const looked = plainEndpoint({ readiness, pages, metrics: { type: metricsType, text: metrics.text } });
  const { host, port } = closing.use(await listen(own.health, looked));
  log.info({ host, port }, "Listening for probes");
  const cluster = await openCluster(serving, closing);
  checkCluster(serving, cluster);
  const options = admissionOptionsOf(serving, cluster);
  const leading = lead(serving, cluster, options);
  // What fails at once ends the waiting for a certificate that nobody will make.
  await Promise.race([listenForAdmission(serving, { options, cluster }, closing), failureOf(leading)]);
  readiness.ready = !command.signal.aborted;
  await Promise.race([untilAborted(command.signal), failureOf(leading)]);
  readiness.ready = false;
  log.info({ delayMs: own.shutdownDelayMs }, "Stopping");
  // Requests still come until everybody has been told to ask others.
  await command.runtime.clock.sleep(own.shutdownDelayMs);
  await leading;
}

/** What there is to look at, where somebody wants to. */
function pagesOf({ own, settings, command, flags, run: { log } }: Serving): readonly Page[] {
  if (!own.statusPage) return [];
  const known = { environments: residentEnvironments(settings), log };
  return [openStatusPage({ flags }, command, known)];
}

/** Rejects when the work does, and otherwise never settles. */
async function failureOf(work: Promise<void>): Promise<never> {
  await work;
  return new Promise(() => {});
}
