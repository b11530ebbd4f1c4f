import { z } from "zod";
import { openRepository } from "./access.ts";
import { repositoryInput } from "./input.ts";
import { operation } from "./operation.ts";

export const putImageScanningConfiguration = operation(
  repositoryInput.extend({ imageScanningConfiguration: z.object({ scanOnPush: z.boolean().optional() }) }),
  (input, request) => {
    const repository = openRepository(request, input);
    const scanOnPush = input.imageScanningConfiguration.scanOnPush ?? false;
    repository.scanOnPush = scanOnPush;
    return {
      registryId: repository.accountId,
      repositoryName: repository.name,
      imageScanningConfiguration: { scanOnPush },
    };
  },
);
