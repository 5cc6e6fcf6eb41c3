import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import type { Check } from "../facts.ts";

/** Kubernetes' default `--service-node-port-range`; EKS keeps it. */
const NODE_PORTS = { first: 30_000, last: 32_767 } as const;

/**
 * A NodePort is gone once kube-proxy has translated it: only policies with `preDNAT` see it (docs/calico.md 9,
 * docs/needs.md row 15). One without that names such a port most likely does nothing.
 */
export const nodePortsCheck: Check = ({ plan }) =>
  (plan?.snapshot.policyObjects.globalNetworkPolicies ?? []).flatMap((policy) => {
    if (policy.spec?.["preDNAT"] === true || policy.spec?.["doNotTrack"] === true) return [];
    const ports = nodePortsOf(policy);
    if (ports.length === 0) return [];
    return [
      {
        severity: "warning" as const,
        code: "node-port-without-pre-dnat",
        object: `GlobalNetworkPolicy/${policy.metadata.name}`,
        message: `it names the NodePort ${ports.join(", ")} but is not preDNAT: when it is asked, the port is already that of the pod`,
        fix: "set `preDNAT: true` and `applyOnForward: true`, and leave out egress rules (preDNAT has none)",
      },
    ];
  });

function nodePortsOf(policy: KubernetesObject): readonly string[] {
  const rules = policy.spec?.["ingress"];
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: JsonValue) => portsOf(field(rule, "destination"))).filter(isNodePort);
}

function portsOf(end: JsonValue | undefined): readonly string[] {
  const ports = field(end, "ports");
  return Array.isArray(ports) ? ports.map((it) => String(it)) : [];
}

function isNodePort(text: string): boolean {
  const [first, last] = text.split(":").map(Number);
  return first !== undefined && first >= NODE_PORTS.first && (last ?? first) <= NODE_PORTS.last;
}

function field(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (value === null || value === undefined || typeof value !== "object" || Array.isArray(value))
    return undefined;
  return (value as { readonly [key: string]: JsonValue | undefined })[key];
}
