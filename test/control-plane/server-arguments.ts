/** Files and places that kube-apiserver and etcd are pointed at. */
export type ServerFiles = {
  readonly folder: string;
  readonly port: number;
  /** The certificate that kube-apiserver makes for itself, with who signed it. */
  readonly certificateFile: string;
  readonly tokenFile: string;
  readonly auditPolicyFile: string;
  readonly auditLogFile: string;
  readonly serviceAccountKeyFile: string;
  /** kubeconfig of a webhook that is asked about tokens that the token file does not know. */
  readonly tokenWebhookFile: string | undefined;
};

/** A socket in the control plane's own folder: no port to find, and nobody else on the machine can reach it. */
function etcdUrl(folder: string): string {
  return `unix://${folder}/etcd.sock`;
}

/** The flags of etcd: durable enough for a process whose data dies with it, and quick. */
export function etcdArguments(folder: string): readonly string[] {
  return [
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=${etcdUrl(folder)}`,
    // Advertised to nobody, and etcd wants host:port here.
    "--advertise-client-urls=http://127.0.0.1:0",
    // Never used: one member has no peers. Port 0 lets the kernel choose.
    "--listen-peer-urls=http://127.0.0.1:0",
    "--unsafe-no-fsync",
    // A single member waits one election timeout before it leads; the default is a second.
    "--heartbeat-interval=10",
    "--election-timeout=100",
    "--log-level=warn",
  ];
}

/** The flags of kube-apiserver. `extra` comes last and wins. */
export function apiserverArguments(files: ServerFiles, extra: readonly string[]): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl(files.folder)}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${files.port}`,
    `--cert-dir=${files.folder}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--endpoint-reconciler-type=none",
    "--authorization-mode=RBAC,Node",
    `--token-auth-file=${files.tokenFile}`,
    ...(files.tokenWebhookFile === undefined
      ? []
      : [
          `--authentication-token-webhook-config-file=${files.tokenWebhookFile}`,
          "--authentication-token-webhook-version=v1",
        ]),
    // No controller-manager makes the service account that this plugin wants every Pod to have.
    "--disable-admission-plugins=ServiceAccount",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.serviceAccountKeyFile}`,
    `--service-account-signing-key-file=${files.serviceAccountKeyFile}`,
    `--audit-policy-file=${files.auditPolicyFile}`,
    `--audit-log-path=${files.auditLogFile}`,
    "--audit-log-mode=blocking",
    "--delete-collection-workers=16",
    "--allow-privileged=true",
    "--v=0",
    ...extra,
  ];
}
