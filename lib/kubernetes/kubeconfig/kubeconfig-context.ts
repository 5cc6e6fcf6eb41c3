/** One context of a kubeconfig -> its cluster and user, decoded by client-node, with what is missing said by name. */
import { newClusters, newUsers, type Cluster, type User } from "@kubernetes/client-node/dist/config_types.js";
import { UsageError } from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { objectAt, stringAt, stringsAt } from "../../model/read-json.ts";

export type KubeconfigContext = {
  readonly name: string;
  /** `context "prod" of /home/me/.kube/config`, for messages. */
  readonly origin: string;
  readonly cluster: Cluster;
  readonly user: User;
  /** What client-node does not decode, or decodes under another name than kubectl. */
  readonly tokenFile: string | undefined;
  readonly impersonateGroups: readonly string[];
  readonly exec: JsonObject | undefined;
  /** The cluster as the exec plugin wants to see it. */
  readonly clusterEntry: JsonObject;
};

/** @throws UsageError when the context, its cluster or its user is not there or says too little. */
export function pickContext(kubeconfig: Kubeconfig, wanted: string | undefined): KubeconfigContext {
  const name = wanted ?? kubeconfig.currentContext;
  const known = [...kubeconfig.contexts.keys()].toSorted();
  const choices = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  if (name === undefined)
    throw new UsageError(
      `${kubeconfig.origin} has no current-context; choose one with --context (${choices})`,
    );
  const context = kubeconfig.contexts.get(name);
  if (context === undefined)
    throw new UsageError(
      `${kubeconfig.origin} has no context "${name}"; choose one with --context (${choices})`,
    );
  const origin = `context "${name}" of ${kubeconfig.origin}`;
  const clusterName = stringAt(context, "cluster") ?? "";
  const clusterEntry = kubeconfig.clusters.get(clusterName);
  if (clusterEntry === undefined)
    throw new UsageError(
      `${origin} names the cluster "${clusterName}", which is not there; add it, or choose another context`,
    );
  if ((stringAt(clusterEntry, "server") ?? "") === "")
    throw new UsageError(`${origin}: the cluster "${clusterName}" has no server address`);
  const userName = stringAt(context, "user") ?? "";
  const userEntry = userName === "" ? {} : kubeconfig.users.get(userName);
  if (userEntry === undefined)
    throw new UsageError(
      `${origin} names the user "${userName}", which is not there; add it, or choose another context`,
    );
  const { tokenFile: _kubectl, "token-file": _clientNode, ...decodable } = userEntry;
  const cluster = newClusters([{ name: clusterName, cluster: clusterEntry }])[0];
  const user = newUsers([{ name: userName === "" ? "none" : userName, user: decodable }])[0];
  if (cluster === undefined || user === undefined) throw new UsageError(`${origin} cannot be read`);
  return {
    name,
    origin,
    cluster,
    user,
    tokenFile: stringAt(userEntry, "tokenFile") ?? stringAt(userEntry, "token-file"),
    impersonateGroups: stringsAt(userEntry, "as-groups"),
    exec: userEntry["exec"] === undefined ? undefined : objectAt(userEntry, "exec"),
    clusterEntry,
  };
}
