import type { ECRClient } from "@aws-sdk/client-ecr";
import type { Waiting } from "../oci/content.ts";
import type { AuthorizationToken, EcrApi } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { type SendCall, sdkSender } from "./sdk-call.ts";
import { imageListCalls } from "./sdk-image-lists.ts";
import { imageCalls } from "./sdk-images.ts";
import { policyCalls } from "./sdk-policies.ts";
import { repositoryCalls } from "./sdk-repositories.ts";
import { scanCalls } from "./sdk-scans.ts";
import { readAuthorizationToken } from "./service-model.ts";

/** ECR's API of one registry through a client of the AWS SDK. */
export function sdkApi(options: {
  readonly host: EcrRegistryHost;
  /** Whose permissions count, for messages. */
  readonly identity: string;
  readonly client: ECRClient;
}): EcrApi {
  const { host } = options;
  const send = sdkSender(options);
  return {
    host,
    ...identityCalls(send, host),
    ...repositoryCalls(send, host),
    ...imageCalls(send, host),
    ...imageListCalls(send, host),
    ...policyCalls(send, host),
    ...scanCalls(send, host),
  };
}

function identityCalls(send: SendCall, host: EcrRegistryHost) {
  let caller: string | undefined;

  async function getAuthorizationToken(waiting?: Waiting): Promise<AuthorizationToken> {
    const output = await send(
      {
        operation: "GetAuthorizationToken",
        send: (sdk, client, request) => client.send(new sdk.GetAuthorizationTokenCommand({}), request),
      },
      waiting,
    );
    const token = readAuthorizationToken(output?.authorizationData?.[0], host);
    caller = token.callerAccount;
    return token;
  }

  return {
    getAuthorizationToken,
    async callerAccount(waiting?: Waiting): Promise<string | undefined> {
      return caller ?? (await getAuthorizationToken(waiting)).callerAccount;
    },
    async getAccountSetting(name: string, waiting?: Waiting): Promise<string | undefined> {
      const output = await send(
        {
          operation: "GetAccountSetting",
          send: (sdk, client, request) => client.send(new sdk.GetAccountSettingCommand({ name }), request),
        },
        waiting,
      );
      return output?.value;
    },
  };
}
