import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { parseReference } from "../../job/oci/reference.ts";
import { chartFolder, openHelm } from "../chart/helm.ts";
import { type GitServer, startGitServer } from "../update/git/git-server.ts";
import { digestOfImage } from "./app-image.ts";
import { sync } from "./argocd-sync.ts";
import { destinationOf, promotionValues, renderChart } from "./chart.ts";
import { endOfJob } from "./job.ts";
import { until, useNamespace } from "./namespace.ts";
import { reachableHost } from "./reachable-host.ts";
import { describeInCluster } from "./world.ts";

const password = "a token of the tests";
const name = "promoter-image-promoter-update";

describeInCluster("newer tags, written by a pod", (world) => {
  const { gitImage } = world;
  const namespace = useNamespace("update");
  let git: GitServer;
  const web = () => `${destinationOf(world, namespace().name)}/shop/web`;

  beforeAll(async () => {
    const authorization = `Basic ${Buffer.from(`deploy:${password}`).toString("base64")}`;
    const values = `web:\n  image: "${web()}:1.4.2" # by hand\n`;
    git = await startGitServer({ "values.yaml": values }, { host: await reachableHost(), authorization });
    await namespace().kubectl(["create", "secret", "generic", "git", `--from-literal=token=${password}`]);
  });
  afterAll(() => git?.[Symbol.asyncDispose]());

  it.skipIf(gitImage === undefined)("reach git, and the sync that follows promotes them", async () => {
    await install({ every: "5s" }, "^1.4");
    await namespace().kubectl(["rollout", "status", `deployment/${name}`, "--timeout=90s"]);
    await until("the commit", async () => (await written()).endsWith(":1.5.0") || undefined);
    expect(await git.file("values.yaml")).toBe(`web:\n  image: "${web()}:1.5.0" # by hand\n`);
    const image = await written();
    expect(await digestOfImage(image)).toBeUndefined();
    await sync(namespace(), await renderChart(world, namespace().name, { images: [image] }));
    expect(await digestOfImage(image)).toBe(await digestOfImage(`${world.source}/shop/web:1.5.0`));
  });

  it.skipIf(gitImage === undefined)("come by a CronJob, too", async () => {
    await namespace().kubectl(["delete", "deployment", name]);
    await install({ schedule: "0 0 31 2 *" }, "^3");
    await namespace().kubectl(["create", "job", "now", `--from=cronjob/${name}`]);
    expect(await endOfJob(namespace(), "now")).toMatchObject({ condition: { type: "Complete" } });
    expect(await written()).toBe(`${web()}:3.3.0`);
  });

  async function written(): Promise<string> {
    return parse(await git.file("values.yaml")).web.image;
  }

  async function install(when: object, constraint: string): Promise<void> {
    await using helm = await openHelm();
    const { host, repository, tag = "" } = parseReference(gitImage ?? "");
    const { image: _, ...promotion } = promotionValues(world, namespace().name);
    const application = {
      name: "shop",
      repository: git.address,
      images: [{ image: web(), constraint, write: [{ values: "values.yaml", image: "web.image" }] }],
    };
    const values = {
      ...promotion,
      image: { registry: host },
      update: {
        enabled: true,
        ...when,
        image: { repository, tag },
        secret: "git",
        git: {
          credentials: [
            {
              repository: `${git.origin}/*`,
              username: "deploy",
              password: "file:/etc/image-promoter-git/token",
            },
          ],
        },
        applications: [application],
      },
    };
    const options = { name: "promoter", namespace: namespace().name, values };
    const manifests = await helm.template("helm", chartFolder, options);
    await namespace().kubectl(["apply", "-f", "-"], { input: manifests });
  }
});
