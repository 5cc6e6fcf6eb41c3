/**
 * The way in of a pod: the ServiceAccount that the kubelet mounts, as a kubeconfig says it, so that everything behind it
 * (a token that is read again, a certificate authority from a file) is what a kubeconfig gets.
 * Source of the rule: client-go, rest.InClusterConfig.
 */
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Kubeconfig } from "./kubeconfig.ts";

/** Where kubelets mount it; `HEPCTL_SERVICE_ACCOUNT_FOLDER` names another place (a projected volume of one's own). */
const MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Undefined outside of a pod: no API server in the environment, or no token mounted. */
export async function inClusterKubeconfig(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Kubeconfig | undefined> {
  const host = environment["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = environment["KUBERNETES_SERVICE_PORT"] ?? "";
  if (host === "" || port === "") return undefined;
  const folder = environment["HEPCTL_SERVICE_ACCOUNT_FOLDER"] || MOUNTED;
  const tokenFile = join(folder, "token");
  const isMounted = await access(tokenFile).then(
    () => true,
    () => false,
  );
  if (!isMounted) return undefined;
  const name = "in-cluster";
  return {
    origin: `the ServiceAccount in ${folder}`,
    currentContext: name,
    contexts: new Map([[name, { cluster: name, user: name }]]),
    clusters: new Map([
      [
        name,
        {
          server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
          "certificate-authority": join(folder, "ca.crt"),
        },
      ],
    ]),
    users: new Map([[name, { tokenFile }]]),
  };
}
