import { expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { digestOf } from "../../job/oci/digest.ts";
import { openCatalog } from "../../job/parts/catalog.ts";
import { fakeClients } from "../ecr/fake-clients.ts";

const name = { host: "111122223333.dkr.ecr.eu-west-1.amazonaws.com", repository: "team/app" };
const digests = Array.from({ length: 250 }, (_, position) => digestOf(Buffer.from(String(position))));

function unneeded(): never {
  throw new Error("ECR's API answers it all");
}

it("says what ECR removed, also when it fails in the middle of it", async () => {
  const asked: number[] = [];
  const clients = fakeClients({
    async deleteImages(_, batch) {
      asked.push(batch.length);
      if (asked.length === 2)
        throw new PromoterError("TooManyRequests", "Rate exceeded", { temporary: true });
      return batch.slice(0, 1).map((digest) => ({ digest, reason: "An index names it" }));
    },
  });
  const kept = await openCatalog({ clients, open: unneeded, concurrency: 1 }).remove(name, digests);
  expect(asked).toEqual([100, 100]);
  expect(kept.map(({ digest }) => digests.indexOf(digest))).toEqual([
    0,
    ...Array.from({ length: 150 }, (_, position) => 100 + position),
  ]);
  expect(new Set(kept.map(({ reason }) => reason))).toEqual(new Set(["An index names it", "Rate exceeded"]));
});

it("fails as ECR does where nothing was removed", async () => {
  const clients = fakeClients({});
  const removing = openCatalog({ clients, open: unneeded, concurrency: 1 }).remove(name, digests);
  await expect(removing).rejects.toMatchObject({ code: "Denied" });
});
