/**
 * The table of docs/providers.md, generated: for every provider and every flow that any of them has, a policy that denies exactly
 * this flow holds back the nodes that need it, and nobody else.
 */
import { describe, expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { Node } from "../../../lib/model/node.ts";
import { projectNode } from "../../../lib/model/project-node.ts";
import { providersOf, type Provider } from "../../../lib/model/provider.ts";
import { aGlobalNetworkPolicy, aGuardRequest, type GuardSketch } from "../../builders/a-guard-request.ts";

type Sign = {
  readonly providerID?: string;
  readonly kubeletVersion?: string;
  readonly osImage?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
const MARK = { "node-role.kubernetes.io/control-plane": "" };

function node(name: string, address: string, sign: Sign, isServer = false): Node {
  return projectNode({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      uid: `uid-of-${name}`,
      labels: { "kubernetes.io/os": "linux", ...sign.labels, ...(isServer ? MARK : {}) },
      annotations: sign.annotations ?? {},
    },
    spec: sign.providerID === undefined ? {} : { providerID: sign.providerID },
    status: {
      addresses: [{ type: "InternalIP", address }],
      conditions: [{ type: "Ready", status: "True" }],
      nodeInfo: {
        operatingSystem: "linux",
        kubeletVersion: sign.kubeletVersion ?? "v1.33.1",
        osImage: sign.osImage ?? "Ubuntu 24.04",
      },
    },
  });
}

/** Each sign alone is enough. Source: docs/providers.md 4. */
const SIGNS: Readonly<Record<Provider, readonly Sign[]>> = {
  eks: [
    { providerID: "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa" },
    { kubeletVersion: "v1.33.1-eks-5e0fdde" },
    { labels: { "eks.amazonaws.com/nodegroup": "a" } },
    { providerID: "eks-hybrid:///region/cluster/mi-1" },
  ],
  aks: [{ providerID: "azure:///subscriptions/s/vm" }, { labels: { "kubernetes.azure.com/cluster": "a" } }],
  gke: [
    { providerID: "gce://project/zone/vm" },
    { kubeletVersion: "v1.33.1-gke.1386000" },
    { labels: { "cloud.google.com/gke-nodepool": "a" } },
  ],
  rke2: [
    { providerID: "rke2://n" },
    { kubeletVersion: "v1.33.1+rke2r1" },
    { annotations: { "rke2.io/node-args": '["server"]' } },
    { labels: { "node.kubernetes.io/instance-type": "rke2" } },
  ],
  k3s: [
    { providerID: "k3s://n" },
    { kubeletVersion: "v1.33.1+k3s1" },
    { annotations: { "k3s.io/node-args": '["agent"]' } },
  ],
  microk8s: [
    { labels: { "microk8s.io/cluster": "true" } },
    { labels: { "node.kubernetes.io/microk8s-worker": "microk8s-worker" } },
  ],
  kind: [{ providerID: "kind://docker/kind/n" }],
  openshift: [
    { labels: { "node.openshift.io/os_id": "rhel" } },
    { annotations: { "machineconfiguration.openshift.io/state": "Done" } },
  ],
  talos: [{ osImage: "Talos (v1.10.3)" }, { annotations: { "networking.talos.dev/self-ips": "10.0.0.1" } }],
  kubeadm: [{ annotations: { "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///x" } }, { labels: MARK }],
};
const PROVIDERS = Object.keys(SIGNS) as readonly Provider[];

describe("each sign alone tells whose node it is", () => {
  test.each(PROVIDERS.flatMap((it) => SIGNS[it].map((sign) => [it, JSON.stringify(sign), sign] as const)))(
    "%s by %s",
    (provider, _text, sign) => expect(providersOf(node("n", "172.18.0.2", sign))).toEqual([provider]),
  );
  test("an installer's sign comes before the cloud's that its machine runs in", () => {
    const sign = { providerID: "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa", kubeletVersion: "v1.33.1+rke2r1" };
    expect(providersOf(node("n", "172.18.0.2", sign))).toEqual(["rke2"]);
  });
  test("no sign, nobody", () => expect(providersOf(node("n", "172.18.0.2", {}))).toEqual([]));
});

type Denied = {
  readonly direction: "Ingress" | "Egress";
  readonly protocol: string;
  readonly port: number;
  readonly net?: string;
};
type Row = {
  readonly who: "server" | "worker" | "both";
  readonly of: readonly Provider[];
  readonly flow: Denied;
};
const into = (port: number): Denied => ({ direction: "Ingress", protocol: "TCP", port });
const to = (net: string, port: number, protocol = "TCP"): Denied => ({
  direction: "Egress",
  protocol,
  port,
  net,
});
const SELF_SERVED: readonly Provider[] = ["rke2", "k3s", "microk8s", "kind", "openshift", "talos", "kubeadm"];
const SERVER = "172.18.0.2/32";

/** Who needs what, by hand from docs/providers.md 3. */
const ROWS: readonly (readonly [name: string, row: Row])[] = [
  ["the API, in", { who: "server", of: SELF_SERVED, flow: into(6_443) }],
  ["the API, out", { who: "worker", of: PROVIDERS, flow: to(SERVER, 6_443) }],
  ["RKE2's supervisor, in", { who: "server", of: ["rke2"], flow: into(9_345) }],
  ["RKE2's supervisor, out", { who: "worker", of: ["rke2"], flow: to(SERVER, 9_345) }],
  ["MicroK8s's agent, in", { who: "server", of: ["microk8s"], flow: into(25_000) }],
  ["MicroK8s's agent, out", { who: "worker", of: ["microk8s"], flow: to(SERVER, 25_000) }],
  ["OpenShift's machine config, in", { who: "server", of: ["openshift"], flow: into(22_623) }],
  ["OpenShift's machine config, out", { who: "worker", of: ["openshift"], flow: to(SERVER, 22_623) }],
  ["Talos's API", { who: "worker", of: ["talos"], flow: into(50_000) }],
  ["Talos's certificates", { who: "server", of: ["talos"], flow: into(50_001) }],
  ["Talos's KubePrism", { who: "both", of: ["talos"], flow: to("127.0.0.1/32", 7_445) }],
  ["GKE's konnectivity", { who: "worker", of: ["gke"], flow: to(SERVER, 8_132) }],
  ["metadata", { who: "both", of: ["eks", "aks", "gke"], flow: to("169.254.169.254/32", 80) }],
  ["Azure's agent", { who: "both", of: ["aks"], flow: to("168.63.129.16/32", 32_526) }],
  ["Azure's resolver", { who: "both", of: ["aks"], flow: to("168.63.129.16/32", 53, "UDP") }],
  ["Google's resolver", { who: "both", of: ["gke"], flow: to("169.254.169.254/32", 53, "UDP") }],
  ["AWS's resolver", { who: "both", of: ["eks"], flow: to("169.254.169.253/32", 53, "UDP") }],
  ["AWS's time", { who: "both", of: ["eks"], flow: to("169.254.169.123/32", 123, "UDP") }],
  ["the VPC CNI's daemon", { who: "both", of: ["eks"], flow: to("127.0.0.1/32", 50_051) }],
];

const denying = ({ direction, protocol, port, net }: Denied) =>
  aGlobalNetworkPolicy("denies-one", {
    selector: "all()",
    types: [direction],
    [direction.toLowerCase()]: [
      {
        action: "Deny",
        protocol,
        destination: { ports: [port], ...(net === undefined ? {} : { nets: [net] }) },
      },
      { action: "Allow" },
    ],
  });
const noFailsafes = {
  apiVersion: "crd.projectcalico.org/v1",
  kind: "FelixConfiguration",
  metadata: { name: "default" },
  spec: { failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] },
};
const network = { apiServers: [{ address: "172.18.0.2", port: 6_443 }] };
const withheld = (sketch: GuardSketch) =>
  guardPlan(aGuardRequest({ network, felix: [noFailsafes], ...sketch })).withheld.map(
    (it) => `${it.action.node} ${it.violation.reason}`,
  );

/** A control plane of its own, where the provider has none to offer; else the API server is outside. */
function fleet(provider: Provider): readonly Node[] {
  const [sign = {}] = SIGNS[provider];
  const worker = node("worker", "172.18.0.3", provider === "kubeadm" ? {} : sign);
  const server = node("server", "172.18.0.2", sign, true);
  return SELF_SERVED.includes(provider) ? [server, worker] : [worker];
}

describe.each(PROVIDERS)("%s", (provider) => {
  const nodes = fleet(provider);
  test.each(ROWS)("%s", (_name, { who, of, flow }) => {
    const needs = of.includes(provider) ? (who === "both" ? ["server", "worker"] : [who]) : [];
    const names = new Set(nodes.map((it) => it.name));
    // A server that asks itself needs nothing of the network; the others of a control plane are not there.
    expect(withheld({ nodes, policies: [denying(flow)] }).sort()).toEqual(
      needs.filter((it) => names.has(it)).map((it) => `${it} essential-flow-cut`),
    );
  });
});

describe("a person's word", () => {
  const bare = [node("server", "172.18.0.2", {}), node("worker", "172.18.0.3", {})];
  const open = aGlobalNetworkPolicy("open", {
    selector: "all()",
    types: ["Ingress"],
    ingress: [{ action: "Allow" }],
  });
  const codes = (sketch: GuardSketch) =>
    guardPlan(aGuardRequest({ network, ...sketch }))
      .findings.map((it) => it.code)
      .filter((it) => it.startsWith("provider"));

  test("nobody is recognised: whoever serves the API is not narrowed, the others are; both are told once", () => {
    expect(withheld({ nodes: bare, policies: [open] })).toEqual(["server provider-unknown"]);
    expect(withheld({ nodes: bare })).toEqual([]);
    expect(codes({ nodes: bare })).toEqual(["provider-unknown"]);
  });

  test.each(["generic", "kubeadm", "rke2", "k3s", "microk8s"])("`provider: %s` settles it", (provider) => {
    const sketch = { nodes: bare, settings: { provider } };
    expect(withheld({ ...sketch, policies: [open] })).toEqual([]);
    expect(codes(sketch)).toEqual([]);
  });

  test("so does naming what such a node needs", () => {
    const essentialFlows = [
      {
        id: "etcd-backup",
        direction: "ingress" as const,
        protocol: "tcp" as const,
        port: 9_999,
        peers: ["172.18.0.9"],
        nodes: "all()",
        reason: "backups of etcd",
      },
    ];
    expect(withheld({ nodes: bare, policies: [open], essentialFlows })).toEqual([]);
  });

  test("rke2: its flows count for every node, though none bears a sign", () => {
    const sketch = { nodes: bare, settings: { provider: "rke2" } };
    expect(withheld({ ...sketch, policies: [denying(into(9_345))] })).toEqual(["server essential-flow-cut"]);
  });

  test("generic: machines of EC2 keep what the machine needs, and lose what only EKS has", () => {
    const sketch = { nodes: [node("worker", "172.18.0.3", { providerID: "aws:///a/i-0a" })] };
    const ipamd = { ...sketch, policies: [denying(to("127.0.0.1/32", 50_051))] };
    expect(withheld(ipamd)).toEqual(["worker essential-flow-cut"]);
    expect(withheld({ ...ipamd, settings: { provider: "generic" } })).toEqual([]);
    const metadata = { ...sketch, policies: [denying(to("169.254.169.254/32", 80))] };
    expect(withheld({ ...metadata, settings: { provider: "generic" } })).toEqual([
      "worker essential-flow-cut",
    ]);
  });

  test("signs of several: one finding names who bears what", () => {
    const nodes = [...fleet("rke2"), node("other", "172.18.0.4", { providerID: "kind://docker/kind/other" })];
    const [finding, ...more] = guardPlan(aGuardRequest({ network, nodes })).findings.filter((it) =>
      it.code.startsWith("provider"),
    );
    expect([finding?.code, finding?.message, more]).toEqual([
      "provider-mixed",
      "the Nodes bear signs of several: kind (other); rke2 (server, worker). Each gets the essential flows of all that it bears",
      [],
    ]);
  });
});

test("a kubelet on a port of its own keeps that port too", () => {
  const own = { ...node("worker", "172.18.0.3", { providerID: "k3s://n" }), kubeletPort: 10_260 };
  expect(withheld({ nodes: [own], policies: [denying(into(10_260))] })).toEqual([
    "worker essential-flow-cut",
  ]);
  expect(withheld({ nodes: [own], policies: [denying(into(10_250))] })).toEqual([
    "worker essential-flow-cut",
  ]);
});
