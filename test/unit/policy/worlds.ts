import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject, StringMap } from "../../../lib/model/kubernetes-object.ts";

/** Small worlds for tables: node `x` with eth0 192.0.2.10, node `y` with eth0 192.0.2.20. */
export function aNode(name: string, address: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: {
        "projectcalico.org/Interfaces": JSON.stringify([{ name: "eth0", addresses: [address] }]),
      },
    },
    status: { addresses: [{ type: "InternalIP", address }] },
  };
}
export const NODES = [aNode("x", "192.0.2.10"), aNode("y", "192.0.2.20")];

export function anEndpoint(
  spec: JsonObject = {},
  name = "h",
  labels: StringMap = { role: "web" },
): KubernetesObject {
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "HostEndpoint",
    metadata: { name, labels },
    spec: { node: "x", interfaceName: "eth0", expectedIPs: ["192.0.2.10"], ...spec },
  };
}

export function aPolicy(spec: JsonObject, name = "p"): KubernetesObject {
  return { apiVersion: "crd.projectcalico.org/v1", kind: "GlobalNetworkPolicy", metadata: { name }, spec };
}

export function aTier(name: string, spec: JsonObject = {}): KubernetesObject {
  return { apiVersion: "projectcalico.org/v3", kind: "Tier", metadata: { name }, spec };
}

export function aPod(name: string, ip: string, node = "x"): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: { nodeName: node },
    status: { podIP: ip, phase: "Running" },
  };
}

export const DEFAULT_ALLOW = { profiles: ["projectcalico-default-allow"] };
export const CLIENT = "198.51.100.1";

/** `in tcp/80`, `out udp/53`: to or from node x. */
export function flowOf(text: string): Flow {
  const [direction, rest = ""] = text.split(" ");
  const [protocol = "tcp", port] = rest.split("/");
  const self = { ip: "192.0.2.10" };
  return direction === "in"
    ? {
        node: "x",
        direction: "ingress",
        protocol,
        source: { ip: CLIENT },
        destination: { ...self, port: Number(port) },
      }
    : {
        node: "x",
        direction: "egress",
        protocol,
        source: self,
        destination: { ip: CLIENT, port: Number(port) },
      };
}
