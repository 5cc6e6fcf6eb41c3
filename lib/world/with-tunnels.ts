import { CALICO_V1, CALICO_V3 } from "../model/calico-group.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";
import { isSaidBySeveral } from "../model/said-by-several.ts";
import { readCalicoMetadata } from "../model/read-calico-metadata.ts";

const TUNNELS = [
  ["vxlanEnabled", ["IPv4VXLANTunnelAddr", "IPv6VXLANTunnelAddr"]],
  ["ipipEnabled", ["IPv4IPIPTunnelAddr"]],
] as const;

/**
 * The objects with what nodes tell of tunnels in the FelixConfiguration `default`, where that says nothing itself. Felix turns
 * tunnels on when an IP pool asks for them, unless its configuration says otherwise. Pools are not read; that calico-node wrote
 * a tunnel address on Nodes says the same (docs/calico.md 16), unless only one of several Nodes has one: a node may say that of itself.
 */
export function withTunnels(
  objects: readonly KubernetesObject[],
  nodes: readonly Node[],
): readonly KubernetesObject[] {
  const isOn = (annotations: readonly string[]) =>
    isSaidBySeveral(
      nodes.filter((node) =>
        annotations.some((it) => node.annotations[`projectcalico.org/${it}`] !== undefined),
      ).length,
      nodes.length,
    );
  const on = Object.fromEntries(
    TUNNELS.flatMap(([field, annotations]) => (isOn(annotations) ? [[field, true] as const] : [])),
  );
  if (Object.keys(on).length === 0) return objects;
  const stored = objects.find(isDefault);
  // One that Calico skips keeps its note, and configures nothing.
  const isRead = stored !== undefined && readCalicoMetadata(stored).kind === "read";
  const base: KubernetesObject = isRead ? stored : blank(stored);
  const spec = Object.fromEntries(Object.entries(base.spec ?? {}).filter(([, value]) => value !== null));
  return [
    ...objects.filter((it) => it !== stored),
    ...(stored === undefined || isRead
      ? []
      : [{ ...stored, metadata: { ...stored.metadata, name: SKIPPED } }]),
    { ...base, spec: { ...on, ...spec } },
  ];
}

/** Under a name of its own, so that it does not stand for the one that is in force. */
const SKIPPED = "default (skipped)";

function blank(stored: KubernetesObject | undefined): KubernetesObject {
  return {
    apiVersion: stored?.apiVersion ?? CALICO_V1,
    kind: "FelixConfiguration",
    metadata: { name: "default" },
  };
}

function isDefault({ apiVersion, kind, metadata }: KubernetesObject): boolean {
  return (
    kind === "FelixConfiguration" &&
    metadata.name === "default" &&
    (apiVersion === CALICO_V1 || apiVersion === CALICO_V3)
  );
}
