/** Small clusters for the laws of the one world: few names and values, so that things meet; some of what is in them is broken. */
import fc from "fast-check";
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../../../lib/model/calico-group.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject, StringMap } from "../../../lib/model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { aCalicoNode } from "../../builders/a-guard-request.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const NODES = ["n1", "n2", "n3"] as const;
const ADDRESSES: Readonly<Record<string, string>> = { n1: "10.0.0.1", n2: "10.0.0.2", n3: "10.0.0.3" };
const PEERS = [...Object.values(ADDRESSES), "10.0.9.9", "10.244.1.7", "203.0.113.9"];

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const labels = fc.dictionary(fc.constantFrom("role", "zone"), fc.constantFrom("a", "b"), { maxKeys: 2 });
const selector = fc.constantFrom("all()", "role == 'a'", "zone != 'b'", "has(role)", "!has(zone)", "");

const nodes = fc
  .tuple(
    ...NODES.map((name) =>
      fc
        .record({
          labels,
          annotations: fc.constantFrom<StringMap>(
            {},
            {},
            { "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.0.1" },
            {
              "projectcalico.org/IPv4IPIPTunnelAddr": "10.244.0.2",
              "projectcalico.org/IPv4Address": `${ADDRESSES[name] ?? ""}/24`,
            },
            {
              "projectcalico.org/Interfaces": JSON.stringify([
                { name: "eth0", addresses: [ADDRESSES[name]] },
              ]),
              "example.com/other": "not kept",
            },
            { "projectcalico.org/labels": '{"zone":"b"}', "projectcalico.org/Interfaces": "{bad" },
          ),
        })
        .map((it) =>
          aNodeObject({ name, ...it, addresses: [{ type: "InternalIP", address: ADDRESSES[name] ?? "" }] }),
        ),
    ),
  )
  .map((it): readonly KubernetesObject[] => it);

/** What Calico's clients leave in the metadata annotation, and what nobody should. */
const metadata = (native: StringMap): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ labels: native }) },
    fc
      .constantFrom(
        '{"labels":{"role":"a"}}',
        '{"name":"a0","LABELS":{"zone":"b"}}',
        "null",
        "{bad",
        '{"labels":{"a":1}}',
        '{"labels":null,"creationTimestamp":"now"}',
      )
      .map((text) => ({ labels: native, annotations: { [CALICO_METADATA_ANNOTATION]: text } })),
  );

function object(
  apiVersion: CalicoGroup,
  kind: string,
  name: string,
  spec: fc.Arbitrary<JsonObject>,
): fc.Arbitrary<KubernetesObject> {
  return fc
    .tuple(labels.chain(metadata), spec)
    .map(([more, it]) => ({ apiVersion, kind, metadata: { ...more, name }, spec: it }));
}

const endpointSpec = fc
  .record(
    {
      node: fc.constantFrom(...NODES),
      interfaceName: fc.constantFrom("*", "*", "eth0"),
      expectedIPs: fc.constantFrom<readonly string[]>([], ["10.0.0.1"], ["10.0.0.2", "10.0.0.3"]),
      profiles: fc.constantFrom<readonly string[]>(
        [],
        ["projectcalico-default-allow"],
        ["ksa.default.default", "kns.default"],
        ["kns.shop"],
        ["nobody"],
      ),
    },
    { requiredKeys: ["node", "interfaceName"] },
  )
  .map((it): JsonObject => it);

const end = fc.constantFrom<JsonObject>(
  {},
  { nets: ["10.0.0.0/16"] },
  { selector: "role == 'a'" },
  { selector: "has(zone)", ports: [80] },
  { ports: [443, "1:100"] },
);
const rules = fc.array(
  fc.record({
    action: fc.constantFrom("Allow", "Allow", "Deny", "Pass", "Log"),
    protocol: fc.constant("TCP"),
    source: end,
    destination: end,
  }),
  { maxLength: 2 },
);
const policySpec = fc
  .record(
    {
      selector,
      order: fc.constantFrom(1, 2),
      tier: fc.constantFrom("default", "first"),
      types: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
      ingress: rules,
      egress: rules,
      applyOnForward: fc.boolean(),
    },
    { requiredKeys: ["selector"] },
  )
  .map((it) => it as JsonObject);

const felixSpec = fc.constantFrom<JsonObject>(
  {},
  { failsafeInboundHostPorts: [] },
  { vxlanEnabled: false },
  { vxlanPort: 4790, failsafeOutboundHostPorts: [{ protocol: "tcp", port: 443 }] },
);

/** All that a cluster serves and that may be read of it. Objects of kinds that are never read are not among them. */
function clusters(group: CalicoGroup): fc.Arbitrary<readonly KubernetesObject[]> {
  const environment = fc.constantFrom<readonly JsonObject[]>(
    [],
    [{ name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", value: "tcp:22" }],
  );
  return fc
    .tuple(
      nodes,
      fc.tuple(...["a1", "a2", "n1"].map((it) => maybe(object(group, "HostEndpoint", it, endpointSpec)))),
      fc.tuple(...["p", "q"].map((it) => maybe(object(group, "GlobalNetworkPolicy", it, policySpec)))),
      maybe(
        object(group, "Tier", "first", fc.constantFrom({ order: 1, defaultAction: "Pass" }, { order: 5 })),
      ),
      maybe(
        object(
          group,
          "GlobalNetworkSet",
          "s",
          fc.constantFrom({ nets: ["203.0.113.0/24"] }, { nets: ["10.0.9.9"] }),
        ),
      ),
      maybe(object(group, "FelixConfiguration", "default", felixSpec)),
      maybe(environment.map((it) => aCalicoNode(it))),
    )
    .map(([all, endpoints, policies, ...others]) =>
      [...all, ...endpoints, ...policies, ...others].filter((it) => it !== undefined),
    );
}

/** A flow to or from a node: web, the API server, a tunnel, a ping, something else. */
export const flows: fc.Arbitrary<Flow> = fc
  .record({
    node: fc.constantFrom(...NODES),
    direction: fc.constantFrom("ingress" as const, "egress" as const),
    peer: fc.constantFrom(...PEERS),
    wire: fc.constantFrom(
      { protocol: "tcp", port: 80 },
      { protocol: "tcp", port: 443 },
      { protocol: "tcp", port: 22 },
      { protocol: "udp", port: 4789 },
      { protocol: "udp", port: 4790 },
      { protocol: "icmp", icmp: { type: 8, code: 0 } },
      { protocol: 4 },
    ),
  })
  .map(({ node, direction, peer, wire: { port, ...wire } }) => {
    const own = { ip: ADDRESSES[node] ?? "" };
    const to = (ip: { readonly ip: string }) => (port === undefined ? ip : { ...ip, port });
    return direction === "ingress"
      ? { node, direction, ...wire, source: { ip: peer }, destination: to(own) }
      : { node, direction, ...wire, source: own, destination: to({ ip: peer }) };
  });

/** A cluster, and the group that it serves. */
export type Case = { readonly group: CalicoGroup; readonly objects: readonly KubernetesObject[] };

export const cases: fc.Arbitrary<Case> = fc
  .constantFrom<CalicoGroup>(CALICO_V1, CALICO_V1, CALICO_V3)
  .chain((group) => clusters(group).map((objects) => ({ group, objects })));
