import type { Network } from "../../address/parse-address.ts";
import { readAddressSet, type AddressSet } from "../../address/address-set.ts";
import { parseAddress, networkOf, type Address } from "../../address/parse-address.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import {
  newDecoder,
  recordField,
  recordsField,
  stringField,
  stringsField,
} from "../objects/decode-fields.ts";
import type { ReadMetadata } from "../objects/read-metadata.ts";
import type { NamedPort } from "../rules/port.ts";
import { protocolNumberOf } from "../rules/protocol.ts";
import {
  NAMESPACE_LABEL,
  NAMESPACE_PREFIX,
  SERVICE_ACCOUNT_LABEL,
  SERVICE_ACCOUNT_PREFIX,
} from "../rules/rule-end-selector.ts";
import type { Labels } from "../selector/parse-selector.ts";

/** Anything whose addresses a rule's selector can mean: a pod, a HostEndpoint, a network set (docs/calico.md 7). */
export type LabelledAddresses = {
  readonly labels: Labels;
  readonly networks: readonly Network[];
  /** The nets of a network set: others decide how many, so they are numbers and not objects. */
  readonly nets?: AddressSet;
  readonly ports: readonly NamedPort[];
};

/** A pod that Calico polices (not on the host's network, not finished). */
export type Pod = LabelledAddresses & {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly addresses: readonly Address[];
  readonly profiles: readonly string[];
};

/** Labels of namespaces and service accounts, that pods inherit through their profiles. */
export type InheritedLabels = {
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** By `namespace/name`. */
  readonly serviceAccounts: ReadonlyMap<string, Labels>;
};

/** A pod as a workload endpoint; `undefined` when Calico has none for it. Source: docs/calico.md 3. */
export function readPod(object: KubernetesObject, inherited: InheritedLabels): Pod | undefined {
  const decoder = newDecoder();
  const spec = object.spec ?? {};
  const status = object.status ?? {};
  const phase = stringField(decoder, status, "phase", "status");
  const node = stringField(decoder, spec, "nodeName", "spec");
  if (spec["hostNetwork"] === true || phase === "Succeeded" || phase === "Failed" || node === "")
    return undefined;
  const texts = [
    stringField(decoder, status, "podIP", "status"),
    ...recordsField(decoder, status, "podIPs", "status").map((entry) =>
      stringField(decoder, entry, "ip", "status.podIPs"),
    ),
  ];
  const addresses = [...new Set(texts)].flatMap((text) => parseAddress(text) ?? []);
  const namespace = object.metadata.namespace ?? "default";
  const account = stringField(decoder, spec, "serviceAccountName", "spec");
  return {
    name: object.metadata.name,
    namespace,
    node,
    addresses,
    networks: addresses.map(networkOf),
    ports: readContainerPorts(object),
    profiles: account === "" ? [`kns.${namespace}`] : [`kns.${namespace}`, `ksa.${namespace}.${account}`],
    labels: podLabels(object.metadata.labels ?? {}, namespace, account, inherited),
  };
}

/** Own labels first, then those of the namespace profile, then those of the service account profile. */
function podLabels(
  own: Readonly<Record<string, string>>,
  namespace: string,
  account: string,
  inherited: InheritedLabels,
): Labels {
  const labels = namespaceLabels(namespace, inherited);
  if (account !== "") {
    for (const [key, value] of inherited.serviceAccounts.get(`${namespace}/${account}`) ?? []) {
      labels.set(`${SERVICE_ACCOUNT_PREFIX}${key}`, value);
    }
    labels.set(`${SERVICE_ACCOUNT_PREFIX}projectcalico.org/name`, account);
  }
  for (const [key, value] of Object.entries(own)) labels.set(key, value);
  labels.set(NAMESPACE_LABEL, namespace);
  labels.set("projectcalico.org/orchestrator", "k8s");
  if (account !== "") labels.set(SERVICE_ACCOUNT_LABEL, account);
  return labels;
}

function namespaceLabels(namespace: string, inherited: InheritedLabels): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [key, value] of inherited.namespaces.get(namespace) ?? [])
    labels.set(`${NAMESPACE_PREFIX}${key}`, value);
  labels.set(`${NAMESPACE_PREFIX}projectcalico.org/name`, namespace);
  return labels;
}

function readContainerPorts(object: KubernetesObject): readonly NamedPort[] {
  const decoder = newDecoder();
  return recordsField(decoder, object.spec ?? {}, "containers", "spec").flatMap((container) =>
    recordsField(decoder, container, "ports", "containers").flatMap((port) => {
      const name = stringField(decoder, port, "name", "ports");
      const number = port["containerPort"];
      const protocol = protocolNumberOf(stringField(decoder, port, "protocol", "ports") || "TCP");
      return name === "" || typeof number !== "number" || protocol === undefined
        ? []
        : [{ name, port: number, protocol }];
    }),
  );
}

/** A GlobalNetworkSet (own labels) or a NetworkSet (its namespace's labels too). Source: docs/calico.md 3 and 7. */
export function readNetworkSet(
  object: KubernetesObject,
  metadata: ReadMetadata,
  inherited: InheritedLabels,
): LabelledAddresses {
  const decoder = newDecoder();
  const nets = stringsField(decoder, recordField(decoder, { spec: object.spec }, "spec", ""), "nets", "spec");
  const members = { networks: [], nets: readAddressSet(nets), ports: [] };
  if (object.kind === "GlobalNetworkSet") return { labels: metadata.labels, ...members };
  const namespace = object.metadata.namespace ?? "default";
  const labels = namespaceLabels(namespace, inherited);
  for (const [key, value] of metadata.labels) labels.set(key, value);
  labels.set(NAMESPACE_LABEL, namespace);
  return { labels, ...members };
}
