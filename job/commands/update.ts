import { lingering } from "../async/lingering.ts";
import { allRegistries, allRoutes } from "../config/all-environments.ts";
import { resolveSettings, type Settings } from "../config/settings.ts";
import { asPromoterError } from "../error.ts";
import { listen, reply } from "../http-server/listener.ts";
import { answerProbe, type Readiness } from "../http-server/probes.ts";
import type { Route } from "../promotion/route.ts";
import { wantsColor } from "../report/color.ts";
import { formatJsonLine } from "../report/json.ts";
import type { GitRepositories } from "../update/application.ts";
import { errorsOfUpdate, type UpdateReport, updateReport } from "../update/report.ts";
import { RegistryMemory, tagRegistry } from "../update/tag-registry.ts";
import { updateBranches } from "../update/update-branches.ts";
import { targetWriter } from "../update/write/target-writer.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors, exitCodes } from "./exit-code.ts";
import { formatUpdate } from "./format-update.ts";
import { loadConfigurationFile } from "./load-settings.ts";
import { openUpdateGit } from "./open-update-git.ts";
import { readApplications } from "./read-applications.ts";
import { type PromotionRun, timeLimit, withRegistries } from "./run-promotion.ts";
import { type UpdateSettings, updateSettingsOf } from "./update-settings.ts";

/** `update`: writes newer tags to git, once or again and again until the signal is aborted. */
export async function update(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const configuration = await loadConfigurationFile(input, runtime);
  const sources = { flags: input.flags, env: runtime.env, configuration };
  const settings: Settings = { ...resolveSettings(sources), registries: allRegistries(configuration) };
  const own = updateSettingsOf(sources);
  const job: Job = { input, own, settings, routes: allRoutes(sources), command };
  await using git = await openUpdateGit(configuration, settings, command);
  // Awaited here, before git is put away.
  return await (own.everyMs === undefined ? once(job, git) : again(job, own.everyMs, git));
}

interface Job {
  readonly input: CommandInput;
  readonly own: UpdateSettings;
  readonly settings: Settings;
  readonly routes: readonly Route[];
  readonly command: CommandContext;
}

async function once(job: Job, git: GitRepositories): Promise<number> {
  const { own, settings, command } = job;
  const { stdout, env, clock } = command.runtime;
  const memory = new RegistryMemory({ clock, perSecond: own.requestsPerSecond });
  const report = await withRegistries(settings, command, (run) => round(job, run, { git, memory }));
  const color = wantsColor(env, stdout.isTerminal);
  stdout.write(await formatUpdate(report, settings.output, { color }));
  const errors = errorsOfUpdate(report);
  if (errors.length === 0 && settings.dryRun && report.summary.updated > 0) return exitCodes.workToDo;
  return exitCodeOfErrors(errors);
}

interface RoundTools {
  readonly git: GitRepositories;
  readonly memory: RegistryMemory;
}

/** Looks at all applications once. What they are is read anew: people annotate applications at any time. */
async function round(job: Job, run: PromotionRun, { git, memory }: RoundTools): Promise<UpdateReport> {
  const { own, settings, routes, command, input } = job;
  const { clock } = command.runtime;
  const { context, promotion } = run;
  const { signal = command.signal } = context;
  const startedAt = clock.now();
  const configuration = await loadConfigurationFile(input, command.runtime);
  const { subjects, failed } = await readApplications(configuration, own, { ...command, signal });
  const registry = tagRegistry({ catalog: promotion.catalog, context, memory });
  const updated = await updateBranches(subjects, {
    git,
    registry,
    routes,
    writer: targetWriter,
    dryRun: settings.dryRun,
    atOnce: own.atOnce,
    concurrency: settings.concurrency,
    signal,
  });
  const kind = settings.dryRun ? "UpdatePlan" : "UpdateReport";
  return updateReport({ kind, startedAt, now: clock.now(), applications: [...updated, ...failed] });
}

async function again(job: Job, everyMs: number, git: GitRepositories): Promise<number> {
  const { own, settings, command } = job;
  const { runtime, signal } = command;
  const { timeoutMs, ...unlimited } = settings;
  const memory = new RegistryMemory({ clock: runtime.clock, perSecond: own.requestsPerSecond });
  // A push that has begun is better ended than begun again.
  using work = lingering(signal, own.drainMs);
  await withRegistries(unlimited, { ...command, signal: work.signal }, async (run) => {
    const readiness: Readiness = { ready: true };
    await using _probes = await openProbes(own, readiness, run.log);
    while (!signal.aborted) {
      using limit = timeLimit(work.signal, timeoutMs);
      const context = { ...run.context, signal: limit.signal };
      readiness.ready = await told(() => round(job, { ...run, context }, { git, memory }), run, job);
      run.promotion.forget();
      await runtime.clock.sleep(everyMs, signal).catch(() => undefined);
    }
  });
  return work.signal.aborted ? exitCodes.temporary : exitCodes.done;
}

/** Tells what came of a round. @returns whether it could be made at all. */
async function told(
  work: () => Promise<UpdateReport>,
  { log }: PromotionRun,
  { command: { runtime, signal } }: Job,
): Promise<boolean> {
  try {
    const report = await work();
    const { summary, durationMs } = report;
    log.info({ ...summary, durationMs }, "Looked for newer tags");
    if (summary.updated + summary.failed > 0) runtime.stdout.write(`${formatJsonLine(report)}\n`);
    return true;
  } catch (thrown) {
    const { code, message, hint } = asPromoterError(thrown);
    if (!signal.aborted) log.error({ code, hint }, message);
    return false;
  }
}

async function openProbes(
  { health }: UpdateSettings,
  readiness: Readiness,
  log: Pick<PromotionRun["log"], "info">,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  if (health !== undefined) {
    const { host, port } = opened.use(
      await listen(health, (request, response) => {
        if (!answerProbe(request, response, readiness))
          reply(response, 404, { error: "There are /healthz and /readyz" });
      }),
    );
    log.info({ host, port }, "Listening");
  }
  return opened.move();
}
