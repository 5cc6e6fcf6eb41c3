/** Clusters that lie, or are not EKS's, by the real command on a real API server: who is withheld, and who is not. */
import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { anApiServerSlice } from "../../builders/an-endpoint-slice.ts";
import { settingsFile } from "./run-hepctl.ts";
import { reportShape } from "../../../functions/local/docs/output-shapes.ts";
import { parseAs } from "./parse-as.ts";
import { describeWithReconciler } from "./with-reconciler.ts";

const node = (
  name: string,
  addresses: readonly (readonly [type: string, address: string])[],
  labels: Readonly<Record<string, string>> = {},
  spec: KubernetesObject["spec"] = {},
): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/os": "linux", ...labels } },
  spec,
  status: {
    addresses: addresses.map(([type, address]) => ({ type, address })),
    conditions: [{ type: "Ready", status: "True" }],
  },
});
const internal = (...addresses: readonly string[]) => addresses.map((it) => ["InternalIP", it] as const);
const policy = (name: string, spec: KubernetesObject["spec"]): KubernetesObject => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "GlobalNetworkPolicy",
  metadata: { name: `default.${name}` },
  spec: { selector: "all()", ...spec },
});

describeWithReconciler("hepctl plan tells one truth", ({ controlPlane, hepctl }) => {
  async function plan(objects: readonly KubernetesObject[], settings?: string) {
    await controlPlane().apply(objects);
    const config = settings === undefined ? [] : ["--config", await settingsFile(settings)];
    const { code, stdout, stderr } = await hepctl(["plan", "-o", "json", ...config]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { actions, findings } = parseAs(reportShape, stdout);
    return {
      outcomes: Object.fromEntries(actions.map((it) => [it.node, it.outcome])),
      details: Object.fromEntries(actions.map((it) => [it.node, it.detail ?? ""])),
      codes: findings.map((it) => `${it.code} ${it.object}`),
    };
  }

  const microk8s = { "microk8s.io/cluster": "true" };
  const hosts = policy("hosts", {
    types: ["Ingress"],
    ingress: [
      { action: "Allow", source: { nets: ["127.0.0.0/8", "169.254.20.10/32", "172.18.0.2/32"] } },
      {
        action: "Allow",
        protocol: "TCP",
        source: { nets: ["172.18.0.0/16"] },
        destination: { ports: [10_250, 5_473] },
      },
      { action: "Allow", protocol: "UDP", destination: { ports: [68, 546] } },
    ],
  });

  test("MicroK8s: its own API server's port would be closed; the worker is not held back for what only EKS has", async () => {
    const { outcomes, details } = await plan([
      node("cp-1", internal("172.18.0.2"), {
        ...microk8s,
        "node.kubernetes.io/microk8s-controlplane": "microk8s-controlplane",
      }),
      node("worker-1", internal("172.18.0.3"), microk8s),
      anApiServerSlice(["172.18.0.2"], 16_443),
      hosts,
    ]);
    expect(outcomes["cp-1"]).toBe("withheld");
    // The policy does not let the worker reach its own address; of what only EKS has there is no word.
    expect(details["worker-1"]).not.toMatch(/dns-|metadata|time|cni-daemon|registries|sts|dhcpv6|by-name/);
    expect(details["cp-1"]).toContain("16443");
  });

  test("nobody's signs: the server waits for a person's word, and `provider` is that word", async () => {
    const open = policy("open", { types: ["Ingress"], ingress: [{ action: "Allow" }] });
    const bare = [
      node("cp-1", internal("172.18.0.2")),
      node("worker-1", internal("172.18.0.3")),
      anApiServerSlice(["172.18.0.2"], 6_443),
      open,
    ];
    const unsaid = await plan(bare);
    expect(unsaid.outcomes).toEqual({ "cp-1": "withheld", "worker-1": "planned" });
    expect(unsaid.codes).toContain("provider-unknown Cluster/nodes");
    const said = await plan(bare, "provider: kubeadm\n");
    expect(said.outcomes).toEqual({ "cp-1": "planned", "worker-1": "planned" });
    expect(said.codes.filter((it) => it.startsWith("provider"))).toEqual([]);
  });

  test.each([
    ["in this order", ["100.64.3.7", "10.0.1.5"]],
    ["in the other", ["10.0.1.5", "100.64.3.7"]],
  ])("a node with two addresses is proven for both (%s)", async (_order, addresses) => {
    const name = "ip-10-0-1-5.eu-west-1.compute.internal";
    const { outcomes } = await plan([
      node(name, internal(...addresses), {}, { providerID: "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa" }),
      policy("egress-from-pod-range", {
        types: ["Egress"],
        egress: [
          { action: "Allow", source: { nets: ["100.64.0.0/10"] } },
          { action: "Allow", source: { nets: ["127.0.0.0/8", "169.254.0.0/16"] } },
        ],
      }),
    ]);
    expect(outcomes).toEqual({ [name]: "withheld" });
  });

  test("one liar: the honest nodes go on, and nothing of the lie is written", async () => {
    const { outcomes, codes } = await plan([
      node("honest-1", internal("10.0.66.1")),
      node("honest-2", internal("10.0.66.2")),
      node(
        "evil",
        [
          ["InternalIP", "10.0.66.66"],
          ["ExternalIP", "169.254.169.254"],
          ["ExternalIP", "10.0.66.2"],
        ],
        { role: "quarantine" },
      ),
      policy("quarantine", {
        order: 1,
        types: ["Ingress", "Egress"],
        ingress: [{ action: "Deny", source: { selector: "role == 'quarantine'" } }, { action: "Allow" }],
        egress: [{ action: "Deny", destination: { selector: "role == 'quarantine'" } }, { action: "Allow" }],
      }),
    ]);
    expect(outcomes).toMatchObject({ "honest-1": "planned", "honest-2": "planned" });
    expect(codes).toEqual(
      expect.arrayContaining(["address-of-another-node Node/evil", "address-refused Node/evil"]),
    );
  });
});
