import { lingering } from "../async/lingering.ts";
import { untilAborted } from "../async/until-aborted.ts";
import { replicationRules } from "../config/replication-rules.ts";
import { resolveSettings, type Settings } from "../config/settings.ts";
import { eventEndpoint } from "../events/endpoint.ts";
import { eventPromoter, type HandleEvents } from "../events/event-promoter.ts";
import { type EventReport, errorsOf } from "../events/event-report.ts";
import { workQueue } from "../events/work-queue.ts";
import { type ListenAddress, listen, reply } from "../http-server/listener.ts";
import { answerProbe, type Readiness } from "../http-server/probes.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { imageReport } from "../promotion/image-report.ts";
import { promoteImages } from "../promotion/promote.ts";
import type { ReplicationRule } from "../replication/rule.ts";
import { formatJsonLine } from "../report/json.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors, exitCodes } from "./exit-code.ts";
import { loadConfigurationFile } from "./load-settings.ts";
import { type OnPushSettings, onPushSettings } from "./on-push-settings.ts";
import { readText, wantedRoutes } from "./read-images.ts";
import { type PromotionRun, timeLimit, withRegistries } from "./run-promotion.ts";

/** `on-push`: promotes what events tell of, those of files or those that come until the signal is aborted. */
export async function onPush(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const configuration = await loadConfigurationFile(input, runtime);
  const settings = resolveSettings({ flags: input.flags, env: runtime.env, configuration });
  const rules = replicationRules(configuration);
  const own = await onPushSettings(input, runtime);
  const job: Job = { own, rules, settings, command };
  if (own.queueUrl === undefined && own.listen === undefined) return fromFiles(job);
  return untilStopped(job);
}

interface Job {
  readonly own: OnPushSettings;
  readonly rules: readonly ReplicationRule[];
  readonly settings: Settings;
  readonly command: CommandContext;
}

async function fromFiles(job: Job): Promise<number> {
  const { own, command } = job;
  const reports: EventReport[] = [];
  await withHandler(job, command.signal, async (handle) => {
    for (const file of own.files.length === 0 ? ["-"] : own.files) {
      reports.push(...(await handle(await readText(file, command.runtime))));
    }
  });
  const errors = reports.flatMap(errorsOf);
  if (errors.length > 0 && errors.every(({ code }) => code === "InvalidInput")) return exitCodes.usage;
  return exitCodeOfErrors(errors);
}

async function untilStopped(job: Job): Promise<number> {
  const { own, command } = job;
  const { runtime, signal } = command;
  const { queueUrl, atOnce, visibilityMs } = own;
  const queue =
    queueUrl === undefined ? undefined : await (await command.loadParts()).openQueue(queueUrl, runtime);
  // What has been begun is better ended than begun again.
  using work = lingering(signal, own.drainMs);
  await withHandler(job, work.signal, async (handle, { log }) => {
    const readiness: Readiness = { ready: true };
    const onReady = (ready: boolean) => {
      readiness.ready = ready && !signal.aborted;
    };
    const underWay = new Set<Promise<unknown>>();
    const watched: HandleEvents = (text) => {
      const handling = handle(text).finally(() => underWay.delete(handling));
      underWay.add(handling);
      return handling;
    };
    await using _servers = await openServers(own, watched, readiness, (fields) =>
      log.info(fields, "Listening"),
    );
    const queueWork = { handle: watched, atOnce, visibilityMs, clock: runtime.clock, log, onReady };
    await Promise.all([
      queue && workQueue(queue, { ...queueWork, signal, workSignal: work.signal }),
      untilAborted(signal).then(() => onReady(false)),
    ]);
    await Promise.all(underWay);
  });
  return work.signal.aborted ? exitCodes.temporary : exitCodes.done;
}

/** Opens the registries, and prints what comes of each event. */
function withHandler(
  { own, rules, settings, command }: Job,
  signal: AbortSignal,
  work: (handle: HandleEvents, run: PromotionRun) => Promise<void>,
): Promise<void> {
  const isRouted = rules.length > 0 && rules.every(({ route }) => route !== undefined);
  const routes = isRouted ? settings.routes : wantedRoutes(settings);
  const { timeoutMs, ...unlimited } = settings;
  return withRegistries(unlimited, { ...command, signal }, async (run) => {
    const handle = eventPromoter({
      routes,
      rules,
      atOnce: own.atOnce,
      async promote(image) {
        using limit = timeLimit(signal, timeoutMs);
        const context = { ...run.context, signal: limit.signal };
        const [report = imageReport(image, { status: "skipped" })] = (await promoteImages([image], context))
          .images;
        // When the event comes again somebody may have mended the repository.
        if (report.status === "failed") run.promotion.forget();
        return report;
      },
      resolve: async (source) => (await resolved(source, run.context))?.digest,
    });
    const printed: HandleEvents = async (text) => {
      const reports = await handle(text);
      for (const report of reports) command.runtime.stdout.write(`${formatJsonLine(report)}\n`);
      return reports;
    };
    await work(printed, run);
  });
}

function resolved(
  source: Parameters<PromotionContext["repositories"]["source"]>[0],
  context: PromotionContext,
) {
  const { tag = "latest" } = source;
  return limited(context, "source", (waiting) => context.repositories.source(source).resolve(tag, waiting));
}

/** Requests that wait for their promotions beside those that are worked on. */
const waitingPerWorking = 10;

async function openServers(
  { listen: events, health, authorization, atOnce }: OnPushSettings,
  handle: HandleEvents,
  readiness: Readiness,
  onListening: (address: ListenAddress) => void,
): Promise<AsyncDisposable> {
  await using servers = new AsyncDisposableStack();
  if (events !== undefined) {
    const most = atOnce * (1 + waitingPerWorking);
    const answer = eventEndpoint({ handle, readiness, most, ...(authorization && { authorization }) });
    const { host, port } = servers.use(await listen(events, answer));
    onListening({ host, port });
  }
  if (health !== undefined) {
    const { host, port } = servers.use(
      await listen(health, (request, response) => {
        if (!answerProbe(request, response, readiness))
          reply(response, 404, { error: "There are /healthz and /readyz" });
      }),
    );
    onListening({ host, port });
  }
  return servers.move();
}
