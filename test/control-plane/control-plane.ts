/**
 * A real kube-apiserver on a real etcd, on a free loopback port, for as long as a test, a demo or a bench needs it.
 *
 * In: users, CRDs to serve, flags. Out: where it listens and who may come in. It must never outlive whoever started it.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { adminClient, type AdminClient } from "./admin-client.ts";
import { applyWith, type Apply } from "./apply.ts";
import { auditPolicy } from "./audit-policy.ts";
import { locatePrograms } from "./binaries/locate-programs.ts";
import { calicoDefinitions, type CalicoDefinitionSet } from "./crds/calico-definitions.ts";
import { serveDefinitions } from "./crds/serve-definitions.ts";
import { freePort } from "./processes/free-port.ts";
import { startSupervised, type RunningPrograms } from "./processes/start-supervised.ts";
import { requestLog, type RequestLog } from "./request-log.ts";
import { resetObjects } from "./reset-objects.ts";
import { apiserverArguments, etcdArguments } from "./server-arguments.ts";
import { admin, kubeconfigFor, tokenFile, withTokens, type User, type UserWithToken } from "./users.ts";

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
const pollMilliseconds = 25;

/**
 * Starts a control plane and resolves when it answers requests and serves its CRDs. Any number can run at a time.
 * Throws `NoControlPlaneError` when no kube-apiserver and etcd can be had, and an error with the end of both logs when
 * they do not start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = await locatePrograms();
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
    const port = await freePort();
    const users = withTokens([admin, ...(options.users ?? [])]);
    const files = await writeFiles(folder, users, options.tokenWebhook);
    const running = startSupervised({
      folder,
      programs: [
        { name: "etcd", file: programs.etcd, args: etcdArguments(folder) },
        {
          name: "kube-apiserver",
          file: programs.kubeApiserver,
          args: apiserverArguments({ folder, port, ...files }, options.flags ?? []),
        },
      ],
    });
    try {
      const controlPlane = await connect(running, folder, port, users, files.auditLogFile);
      const definitions = await calicoDefinitions(options.definitions ?? "v1");
      // The server takes definitions a second before its own roles are there: no need to wait for the one with the other.
      const usable = Promise.all([
        ready(controlPlane.admin),
        serveDefinitions(controlPlane.admin, definitions),
      ]);
      await Promise.race([usable, running.failure]);
      await controlPlane.requests.reset();
      return controlPlane;
    } catch (error) {
      await running.stop();
      // Another process took the port between our look and the server's.
      const portTaken = error instanceof Error && error.message.includes("address already in use");
      if (!portTaken || attempt === startAttempts) throw error;
    }
  }
}

async function writeFiles(folder: string, users: readonly UserWithToken[], tokenWebhook: string | undefined) {
  const files = {
    tokenFile: join(folder, "tokens.csv"),
    auditPolicyFile: join(folder, "audit-policy.yaml"),
    auditLogFile: join(folder, "audit.log"),
    serviceAccountKeyFile: join(folder, "service-account.pem"),
    tokenWebhookFile: tokenWebhook === undefined ? undefined : join(folder, "token-webhook.yaml"),
  };
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(files.tokenFile, tokenFile(users), { mode: 0o600 });
  await writeFile(files.auditPolicyFile, auditPolicy());
  await writeFile(files.auditLogFile, "");
  await writeFile(files.serviceAccountKeyFile, privateKey.export({ type: "sec1", format: "pem" }), {
    mode: 0o600,
  });
  if (files.tokenWebhookFile !== undefined) await writeFile(files.tokenWebhookFile, tokenWebhook ?? "");
  return files;
}

/** Waits until the server answers, or has failed, and hands out everything that talks to it. */
async function connect(
  running: RunningPrograms,
  folder: string,
  port: number,
  users: readonly UserWithToken[],
  auditLogFile: string,
): Promise<ControlPlane> {
  const url = `https://127.0.0.1:${port}`;
  const caFile = join(folder, "apiserver.crt");
  const deadline = AbortSignal.timeout(readyWithinMilliseconds);
  const ca = await Promise.race([certificate(caFile, deadline), running.failure]);
  const userOf = (name: string): UserWithToken => {
    const user = users.find((candidate) => candidate.name === name);
    if (user === undefined) throw new Error(`the control plane has no user ${name}`);
    return user;
  };
  const client = adminClient(url, ca, userOf(admin.name));
  const caData = Buffer.from(ca).toString("base64");
  const requests = requestLog(
    auditLogFile,
    admin.name,
    async (uri) => void (await client.request("GET", uri)),
  );
  const kubeconfig = (user = admin.name): string => kubeconfigFor(userOf(user), url, caData);
  const stop = async (): Promise<void> => {
    await client.close();
    await running.stop();
  };
  await Promise.race([poll(() => client.request("GET", "/livez/ping"), deadline), running.failure]);
  return {
    url,
    caFile,
    caData,
    adminToken: userOf(admin.name).token,
    supervisorId: running.supervisorId,
    folder,
    tokenOf: (user) => userOf(user).token,
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

/** The certificate that kube-apiserver signs for itself in its first moments; whole once it ends in a PEM footer. */
async function certificate(file: string, deadline: AbortSignal): Promise<string> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.trimEnd().endsWith("-----END CERTIFICATE-----")) return text;
    await sleep(pollMilliseconds, undefined, { signal: deadline });
  }
}

/** Ready is: `/readyz` says so (RBAC's own roles included), and the default namespace is there. */
async function ready(client: AdminClient): Promise<void> {
  await poll(async () => {
    await client.request("GET", "/readyz");
    await client.get("/api/v1/namespaces/default");
  }, AbortSignal.timeout(readyWithinMilliseconds));
}

/** Tries until it succeeds; throws when the deadline passes first. */
async function poll(attempt: () => Promise<unknown>, deadline: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await attempt();
      return;
    } catch {
      await sleep(pollMilliseconds, undefined, { signal: deadline });
    }
  }
}
