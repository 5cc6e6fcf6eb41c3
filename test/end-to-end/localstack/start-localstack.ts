/**
 * LocalStack without Docker: EventBridge, SQS, SSM, CloudFormation and IAM on a free loopback port.
 *
 * The flags and versions are those that work together (docs/aws.md 9): its requirements are not pinned by itself, and any
 * import error looks like «No component plugins found».
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./python-environment.ts";
import { startPythonServer, type PythonServer } from "./start-python-server.ts";

const requirements = fileURLToPath(new URL("./localstack-requirements.txt", import.meta.url));

/** Installs LocalStack at the first time (about 2 minutes). Answers its Python. @throws Error that says what is missing. */
export function locateLocalStack(): Promise<string> {
  return pythonEnvironment("localstack", "Installing LocalStack: needed once, about 2 minutes", requirements);
}

export async function startLocalStack(): Promise<PythonServer> {
  return startPythonServer({
    name: "localstack",
    python: await locateLocalStack(),
    args: () => ["-m", "localstack.runtime.main"],
    environment: (port, folder) => ({
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      DNS_ADDRESS: "0",
      EAGER_SERVICE_LOADING: "0",
      DISABLE_EVENTS: "1",
      SKIP_SSL_CERT_DOWNLOAD: "1",
      CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES: "1",
      LOCALSTACK_VOLUME_DIR: join(folder, "volume"),
      FILESYSTEM_ROOT: join(folder, "filesystem"),
      PERSISTENCE: "0",
    }),
    readyPath: "/_localstack/health",
  });
}

/** What the SDK's clients need in the environment to find it; credentials whose account is `account`. */
export function environmentOfLocalStack(url: string, account: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENDPOINT_URL_SSM: url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: url,
    // LocalStack takes an account id for an access key.
    AWS_ACCESS_KEY_ID: account,
  };
}
