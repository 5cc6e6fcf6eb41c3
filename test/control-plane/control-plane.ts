/**
 * A real kube-apiserver on a real etcd, on a free loopback port, for as long as a test, a demo or a bench needs it.
 *
 * In: users, CRDs to serve, flags. Out: where it listens and who may come in. It must never outlive whoever started it.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adminClient, type AdminClient } from "./admin-client.ts";
import { applyWith, type Apply } from "./apply.ts";
import { locatePrograms } from "./binaries/locate-programs.ts";
import type { ServerPrograms } from "./binaries/server-programs.ts";
import { calicoDefinitions, type CalicoDefinitionSet } from "./crds/calico-definitions.ts";
import type { CustomResourceDefinition } from "./crds/custom-resource-definition.ts";
import { freePort } from "./processes/free-port.ts";
import { startSupervised } from "./processes/start-supervised.ts";
import { certificate, usable } from "./readiness.ts";
import { requestLog, type RequestLog } from "./request-log.ts";
import { resetObjects } from "./reset-objects.ts";
import { apiserverArguments, etcdArguments } from "./server-arguments.ts";
import { writeServerFiles } from "./server-files.ts";
import { admin, kubeconfigFor, withTokens, type User, type UserWithToken } from "./users.ts";

export type ControlPlaneOptions = {
  /** Which of Calico's CRDs are served; `migration` is both groups and DatastoreMigration. Default `v1`, as on EKS. */
  readonly definitions?: CalicoDefinitionSet;
  /** Users with static tokens. The admin is always there besides. */
  readonly users?: readonly User[];
  /** Text of a kubeconfig of a token webhook: it is asked about tokens that are no user's. */
  readonly tokenWebhook?: string;
  /** More flags of kube-apiserver, such as `--max-requests-inflight=1`; the last one of a name wins. */
  readonly flags?: readonly string[];
};

export type ControlPlane = AsyncDisposable & {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** PEM of who signed the server's certificate: in a file, and in base64 as a kubeconfig and EKS give it. */
  readonly caFile: string;
  readonly caData: string;
  readonly adminToken: string;
  /** Process id of the supervisor that holds both servers. */
  readonly supervisorId: number;
  /** Folder of everything it wrote, logs included; removed by `stop`. */
  readonly folder: string;
  /** Static token of a user. Throws when there is no such user. */
  readonly tokenOf: (user: string) => string;
  /** Text of a kubeconfig for a user; without a name for the admin. */
  readonly kubeconfig: (user?: string) => string;
  /** Writes that kubeconfig and answers its path. */
  readonly writeKubeconfig: (user?: string) => Promise<string>;
  /** Bare requests as admin. */
  readonly admin: AdminClient;
  /** Creates or replaces objects of any kind as admin, status included. */
  readonly apply: Apply;
  /** Removes what tests made, see `reset-objects.ts`; users, RBAC objects and CRDs stay. Forgets the requests so far. */
  readonly resetObjects: () => Promise<void>;
  /** What was asked of the API server. */
  readonly requests: RequestLog;
  /** Ends both servers and removes their folder. Safe to call twice. */
  readonly stop: () => Promise<void>;
};

const startAttempts = 3;
const readyWithinMilliseconds = 60_000;

/** What one attempt to start needs. */
type Blueprint = {
  readonly programs: ServerPrograms;
  readonly definitions: readonly CustomResourceDefinition[];
  readonly users: readonly UserWithToken[];
  readonly options: ControlPlaneOptions;
};

/**
 * Starts a control plane and resolves when it answers requests and serves its CRDs. Any number can run at a time.
 * Throws `NoControlPlaneError` when no kube-apiserver and etcd can be had, and an error with the end of both logs when
 * they do not start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const blueprint: Blueprint = {
    programs: await locatePrograms(),
    definitions: await calicoDefinitions(options.definitions ?? "v1"),
    users: withTokens([admin, ...(options.users ?? [])]),
    options,
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(blueprint);
    } catch (error) {
      // Another process took the port between our look and the server's.
      const portTaken = error instanceof Error && error.message.includes("address already in use");
      if (!portTaken || attempt === startAttempts) throw error;
    }
  }
}

async function startOnce({ programs, definitions, users, options }: Blueprint): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  const port = await freePort();
  const files = await writeServerFiles(folder, port, users, options.tokenWebhook);
  const running = startSupervised({
    folder,
    programs: [
      { name: "etcd", file: programs.etcd, args: etcdArguments(folder) },
      {
        name: "kube-apiserver",
        file: programs.kubeApiserver,
        args: apiserverArguments(files, options.flags ?? []),
      },
    ],
  });
  const givenUp = new AbortController();
  const late = AbortSignal.timeout(readyWithinMilliseconds);
  const signal = AbortSignal.any([givenUp.signal, late]);
  let client: AdminClient | undefined;
  const stop = async (): Promise<void> => {
    await client?.close();
    await running.stop();
  };
  try {
    const url = `https://127.0.0.1:${port}`;
    const ca = await Promise.race([certificate(files.certificateFile, signal), running.failure]);
    client = adminClient(url, ca, userNamed(users, admin.name));
    await Promise.race([usable(client, definitions, signal), running.failure]);
    const controlPlane = handle({ url, ca, folder, users, client, stop, auditLogFile: files.auditLogFile });
    await controlPlane.requests.reset();
    return { ...controlPlane, caFile: files.certificateFile, supervisorId: running.supervisorId };
  } catch (error) {
    // The side of the race that lost must not go on asking.
    givenUp.abort();
    const logs = running.logs();
    await stop();
    const seconds = readyWithinMilliseconds / 1000;
    throw late.aborted
      ? new Error(`the control plane was not ready within ${seconds} s\n${logs}`, { cause: error })
      : error;
  }
}

/** Where a control plane is reached, and by what it is stopped. */
type Connection = {
  readonly url: string;
  readonly ca: string;
  readonly folder: string;
  readonly users: readonly UserWithToken[];
  readonly client: AdminClient;
  readonly auditLogFile: string;
  readonly stop: () => Promise<void>;
};

/** Everything that is handed out to whoever uses the control plane. */
function handle(connection: Connection): Omit<ControlPlane, "caFile" | "supervisorId"> {
  const { url, ca, folder, users, client, stop } = connection;
  const caData = Buffer.from(ca).toString("base64");
  const requests = requestLog(connection.auditLogFile, admin.name, async (uri) => {
    await client.request("GET", uri);
  });
  const kubeconfig = (user = admin.name): string => kubeconfigFor(userNamed(users, user), url, caData);
  return {
    url,
    caData,
    adminToken: userNamed(users, admin.name).token,
    folder,
    tokenOf: (user) => userNamed(users, user).token,
    kubeconfig,
    writeKubeconfig: async (user = admin.name) => {
      const file = join(folder, `kubeconfig-${encodeURIComponent(user)}.yaml`);
      await writeFile(file, kubeconfig(user), { mode: 0o600 });
      return file;
    },
    admin: client,
    apply: applyWith(client),
    resetObjects: async () => {
      await resetObjects(client);
      await requests.reset();
    },
    requests,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function userNamed(users: readonly UserWithToken[], name: string): UserWithToken {
  const user = users.find((candidate) => candidate.name === name);
  if (user === undefined) throw new Error(`the control plane has no user ${name}`);
  return user;
}
