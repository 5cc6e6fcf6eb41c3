import type { KubernetesObject } from "../model/kubernetes-object.ts";

/** Namespaces that Kubernetes itself makes, and makes again. */
const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"] as const;

/**
 * What every cluster has although nothing shows it: the namespaces of Kubernetes, and the service account `default` of every
 * namespace. Their profiles `kns.…` and `ksa.….default` exist, so an endpoint that names them is not denied for want of them.
 * (`projectcalico-default-allow` needs no object.)
 * Source: docs/calico-versions.md 5.
 */
export function impliedObjects(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const of = (kind: string) => objects.filter((it) => it.kind === kind);
  const shown = new Set(of("Namespace").map((it) => it.metadata.name));
  const proven = [...of("Pod"), ...of("ServiceAccount")].map(namespaceOf);
  const missing = [...new Set([...NAMESPACES, ...proven])].filter((it) => !shown.has(it)).sort();
  const withDefault = new Set(
    of("ServiceAccount")
      .filter((it) => it.metadata.name === "default")
      .map(namespaceOf),
  );
  return [
    ...missing.map(namespaceCalled),
    ...[...shown, ...missing].filter((it) => !withDefault.has(it)).map(defaultAccountOf),
  ];
}

function namespaceOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? "default";
}

/** With the one label that the API server gives to every namespace. */
function namespaceCalled(name: string): KubernetesObject {
  const labels = { "kubernetes.io/metadata.name": name };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function defaultAccountOf(namespace: string): KubernetesObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
}
