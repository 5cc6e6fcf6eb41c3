import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { findPoison } from "../../../lib/policy/poison/find-poison.ts";
import { EVERY_VERSION, MASTER, parseCalicoVersion } from "../../../lib/policy/version/calico-version.ts";
import { aPolicy, anEndpoint } from "./worlds.ts";

const RUNS = { numRuns: Number(process.env["LAW_RUNS"] ?? 1_000) };

type Mode = "iptables" | "nftables" | "bpf";
const CONFIGURED: Readonly<Record<Mode, JsonObject>> = {
  iptables: { nftablesMode: "Disabled" },
  nftables: { nftablesMode: "Enabled" },
  bpf: { bpfEnabled: true },
};
const felix = (spec: JsonObject, name = "default"): KubernetesObject => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "FelixConfiguration",
  metadata: { name },
  spec,
});
const ingress = (rule: JsonObject, name = "p"): KubernetesObject =>
  aPolicy({ types: ["Ingress"], ingress: [rule] }, name);
const netSet = (nets: readonly string[], kind = "GlobalNetworkSet"): KubernetesObject => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind,
  metadata: {
    name: "set",
    labels: { zone: "x" },
    ...(kind === "NetworkSet" ? { namespace: "default" } : {}),
  },
  spec: { nets: [...nets] },
});
const asking = ingress({ action: "Allow", source: { selector: "zone == 'x'" } }, "asking");
const everything = { action: "Deny", source: { notNets: ["0.0.0.0/0"] } };
const garbage = { action: "Allow", source: { nets: ["10.0.0.0/33"] } };

/** The worst that one installation does with the objects. */
function effectIn(objects: readonly KubernetesObject[], version: string, mode: Mode): string {
  const given = objects.some(({ kind }) => kind === "FelixConfiguration")
    ? objects.map((it) =>
        it.kind === "FelixConfiguration" ? felix({ ...CONFIGURED[mode], ...it.spec }) : it,
      )
    : [...objects, felix(CONFIGURED[mode])];
  const calico = [parseCalicoVersion(version) ?? MASTER];
  const effects = findPoison(given, { calico, kubeProxy: "iptables" }).map(({ effect }) => effect);
  const ORDER = ["crash-loop", "freeze", "drops-object", "drops-rule"] as const;
  return ORDER.find((it) => effects.includes(it)) ?? "none";
}

type Row = readonly [
  what: string,
  objects: readonly KubernetesObject[],
  installations: readonly (readonly [version: string, mode: Mode, effect: string])[],
];

/** docs/calico-versions.md 3, row by row: the last version that suffers, the first that does not, and other dataplanes. */
const TABLE: readonly Row[] = [
  [
    "notNets of everything",
    [ingress(everything)],
    [
      ["3.28.1", "iptables", "crash-loop"],
      ["3.29.5", "iptables", "crash-loop"],
      ["3.29.6", "iptables", "drops-rule"],
      ["3.30.2", "iptables", "crash-loop"],
      ["3.30.3", "iptables", "drops-rule"],
      ["3.31.0", "nftables", "drops-rule"],
      ["3.30.0", "nftables", "none"],
      ["master", "bpf", "drops-rule"],
    ],
  ],
  [
    "the same for IPv6, at the destination",
    [ingress({ action: "Deny", destination: { notNets: ["::/0"] } })],
    [
      ["3.30.2", "iptables", "crash-loop"],
      ["3.31.0", "iptables", "drops-rule"],
    ],
  ],
  [
    "an unparseable net in a rule",
    [ingress(garbage)],
    [
      ["3.26.0", "iptables", "crash-loop"],
      ["3.30.7", "bpf", "crash-loop"],
      ["3.31.4", "nftables", "crash-loop"],
      ["3.31.5", "iptables", "none"],
      ["3.32.0", "iptables", "none"],
    ],
  ],
  [
    "an unparseable net in a NetworkSet",
    [netSet(["10.0.0.0/33"], "NetworkSet")],
    [
      ["3.31.4", "iptables", "crash-loop"],
      ["3.31.5", "iptables", "none"],
    ],
  ],
  [
    "in a GlobalNetworkSet it was always safe",
    [netSet(["10.0.0.0/33"]), asking],
    [
      ["3.26.0", "iptables", "none"],
      ["3.31.4", "nftables", "none"],
    ],
  ],
  [
    "a set of everything that a rule asks for",
    [netSet(["0.0.0.0/0"]), asking],
    [
      ["3.28.5", "nftables", "none"],
      ["3.29.0", "nftables", "crash-loop"],
      ["3.31.6", "nftables", "crash-loop"],
      ["3.31.6", "iptables", "none"],
      ["3.31.7", "nftables", "none"],
      ["3.32.0", "nftables", "crash-loop"],
      ["3.32.1", "nftables", "crash-loop"],
      ["3.32.2", "nftables", "none"],
      ["master", "nftables", "none"],
    ],
  ],
  [
    "written as two halves",
    [netSet(["0.0.0.0/1", "128.0.0.0/1"]), asking],
    [["3.32.1", "nftables", "crash-loop"]],
  ],
  ["of IPv6", [netSet(["::/0"], "NetworkSet"), asking], [["3.31.5", "nftables", "crash-loop"]]],
  [
    "that no rule asks for",
    [netSet(["0.0.0.0/0"]), ingress({ action: "Allow" })],
    [["3.32.1", "nftables", "none"]],
  ],
  [
    "nets that overlap",
    [netSet(["10.0.0.0/8", "10.1.0.0/16"]), asking],
    [
      ["3.31.7", "nftables", "none"],
      ["3.32.0", "nftables", "freeze"],
      ["3.32.0", "iptables", "none"],
      ["3.32.1", "nftables", "none"],
    ],
  ],
  [
    "an ICMP type with its code",
    [ingress({ action: "Allow", protocol: "ICMP", icmp: { type: 3, code: 4 } })],
    [
      ["3.28.5", "nftables", "none"],
      ["3.29.0", "nftables", "crash-loop"],
      ["master", "nftables", "crash-loop"],
      ["master", "iptables", "none"],
      ["master", "bpf", "none"],
    ],
  ],
  [
    "a policy name of 243 characters",
    [ingress({ action: "Allow" }, "p".repeat(243))],
    [
      ["3.30.0", "nftables", "crash-loop"],
      ["3.30.0", "iptables", "none"],
    ],
  ],
  [
    "a numeric protocol with an ICMP type",
    [ingress({ action: "Allow", protocol: 58, icmp: { type: 128 } })],
    [
      ["3.26.0", "iptables", "crash-loop"],
      ["master", "nftables", "crash-loop"],
      ["master", "bpf", "none"],
    ],
  ],
  [
    "an ICMP type without a protocol",
    [ingress({ action: "Allow", icmp: { type: 8 } })],
    [
      ["3.26.0", "iptables", "crash-loop"],
      ["3.32.1", "iptables", "crash-loop"],
      ["3.32.1", "nftables", "none"],
    ],
  ],
  [
    "notICMP without a protocol",
    [ingress({ action: "Allow", notICMP: { type: 8 } })],
    [["3.31.7", "iptables", "crash-loop"]],
  ],
  [
    "a code alone is ignored",
    [ingress({ action: "Allow", icmp: { code: 0 } })],
    [["3.31.7", "iptables", "none"]],
  ],
  [
    "ICMP with the other IP version",
    [ingress({ action: "Allow", protocol: "ICMP", ipVersion: 6, icmp: { type: 8 } })],
    [
      ["3.32.1", "iptables", "crash-loop"],
      ["3.32.1", "nftables", "none"],
    ],
  ],
  [
    "a protocol beside notProtocol",
    [ingress({ action: "Allow", protocol: "TCP", notProtocol: "ICMP" })],
    [
      ["3.26.0", "iptables", "crash-loop"],
      ["master", "nftables", "none"],
    ],
  ],
  [
    "natPortRange",
    [felix({ natPortRange: "1000:2000" })],
    [
      ["3.30.6", "nftables", "crash-loop"],
      ["3.30.7", "nftables", "none"],
      ["3.31.3", "nftables", "crash-loop"],
      ["3.31.4", "nftables", "none"],
      ["3.31.3", "iptables", "none"],
    ],
  ],
  [
    "a failsafe net that is none",
    [felix({ failsafeInboundHostPorts: [{ protocol: "tcp", port: 22, net: "nowhere" }] })],
    [
      ["3.26.0", "iptables", "crash-loop"],
      ["master", "bpf", "crash-loop"],
    ],
  ],
  [
    "an empty interface prefix",
    [felix({ interfacePrefix: "" })],
    [
      ["3.31.7", "iptables", "none"],
      ["master", "iptables", "none"],
    ],
  ],
  [
    "a named port without protocol",
    [ingress({ action: "Deny", destination: { ports: ["http"] } })],
    [
      ["3.31.7", "iptables", "drops-object"],
      ["3.32.0", "iptables", "none"],
    ],
  ],
  [
    "numeric ports without protocol",
    [ingress({ action: "Deny", destination: { ports: [80] } })],
    [
      ["3.26.0", "iptables", "drops-object"],
      ["master", "iptables", "drops-object"],
    ],
  ],
  [
    "ports that cannot be decoded",
    [ingress({ action: "Allow", protocol: "TCP", destination: { ports: ["90:80"] } })],
    [
      ["3.26.0", "iptables", "freeze"],
      ["master", "bpf", "freeze"],
    ],
  ],
];

describe("what each version cannot digest", () => {
  test.each(
    TABLE.flatMap(([what, objects, installations]) =>
      installations.map(([version, mode, effect]) => ({ what, objects, version, mode, effect })),
    ),
  )("$what: $version in $mode mode", ({ objects, version, mode, effect }) => {
    expect(effectIn(objects, version, mode)).toBe(effect);
  });

  test("labels that lose an endpoint up to 3.30.0", () => {
    const endpoint = anEndpoint();
    const annotations = { "projectcalico.org/metadata": JSON.stringify({ labels: { role: "web site" } }) };
    const objects = [{ ...endpoint, metadata: { name: "h", annotations } }];
    expect(effectIn(objects, "3.30.0", "iptables")).toBe("drops-object");
    expect(effectIn(objects, "3.30.1", "iptables")).toBe("none");
  });
});

test("annotations of a FelixConfiguration can poison, and can keep a poisoned field from being read", () => {
  const inbound = (spec: JsonObject, text: string): KubernetesObject => ({
    ...felix(spec),
    metadata: { name: "default", annotations: { "config.projectcalico.org/FailsafeInboundHostPorts": text } },
  });
  const bad = { failsafeInboundHostPorts: [{ protocol: "tcp", port: 22, net: "nowhere" }] };
  expect(findPoison([inbound({}, "sctp:22")])).toMatchObject([{ effect: "crash-loop" }]);
  expect(findPoison([inbound(bad, "tcp:22")])).toEqual([]);
});

describe("what is in doubt", () => {
  const found = (objects: readonly KubernetesObject[], ...versions: readonly string[]) =>
    findPoison(
      objects,
      versions.length === 0 ? {} : { calico: versions.map((it) => parseCalicoVersion(it) ?? MASTER) },
    );

  test("without a version every one counts, and the finding names those that suffer", () => {
    expect(found([ingress(garbage)])).toMatchObject([
      { effect: "crash-loop", doubt: "version", message: expect.stringContaining("v3.26.0 to v3.31.4") },
    ]);
    expect(found([ingress(garbage)], "3.31.4")).toMatchObject([{ effect: "crash-loop" }]);
    expect(found([ingress(garbage)], "3.31.4")[0]).not.toHaveProperty("doubt");
    expect(found([ingress(garbage)], "3.31.4", "3.31.7")).toMatchObject([{ doubt: "version" }]);
    expect(found([ingress(garbage)], "3.31.5", "3.31.7")).toEqual([]);
  });

  test("where nobody says which dataplane follows kube-proxy, it is in doubt, and the fix settles it", () => {
    const withCode = ingress({ action: "Allow", protocol: "ICMP", icmp: { type: 3, code: 4 } });
    expect(found([withCode], "3.32.1")).toMatchObject([
      { doubt: "dataplane", fix: expect.stringContaining("nftablesMode: Disabled") },
    ]);
    expect(found([withCode], "3.31.7")).toEqual([]);
    expect(found([withCode, felix({ nftablesMode: "Disabled" })], "3.32.1")).toEqual([]);
    expect(found([withCode, felix({ nftablesMode: "Enabled" }, "node.x")], "3.31.7")).toMatchObject([
      { effect: "crash-loop" },
    ]);
    expect(
      found([withCode, felix({ nftablesMode: "Enabled", nodeSelector: "all()" }, "some")], "3.31.7"),
    ).toEqual([]);
  });

  test("an agent that is not called calico-node stalls the migration of 3.32", () => {
    const canal = (name: string): KubernetesObject => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name, namespace: "kube-system" },
      spec: { template: { spec: { containers: [{ name: "calico-node" }, { name: "kube-flannel" }] } } },
    });
    expect(found([canal("rke2-canal")], "3.32.0")).toMatchObject([
      { object: "DaemonSet/kube-system/rke2-canal", effect: "stalls-controllers" },
    ]);
    expect(found([canal("canal")], "3.31.7")).toEqual([]);
    expect(found([canal("canal")])).toMatchObject([{ doubt: "version" }]);
    expect(found([canal("calico-node")], "3.32.0")).toEqual([]);
    expect(found([canal("canal"), canal("calico-node")], "3.32.0")).toEqual([]);
  });
});

test("an installation that is known says no more than one that is not", () => {
  const rule = fc.constantFrom<JsonObject>(
    everything,
    garbage,
    { action: "Allow", icmp: { type: 8, code: 0 } },
    { action: "Allow", protocol: "ICMP", icmp: { type: 3, code: 4 } },
    { action: "Deny", destination: { ports: ["http"] } },
    { action: "Allow", protocol: 1, icmp: { type: 3 } },
  );
  const objects = fc
    .record({
      rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
      nets: fc.subarray(["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "nowhere"]),
      kind: fc.constantFrom("NetworkSet", "GlobalNetworkSet"),
      mode: fc.option(fc.constantFrom<Mode>("iptables", "nftables", "bpf")),
    })
    .map(({ rules, nets, kind, mode }) => [
      aPolicy({ ingress: rules }),
      asking,
      netSet(nets, kind),
      ...(mode === null ? [] : [felix(CONFIGURED[mode])]),
    ]);
  fc.assert(
    fc.property(
      objects,
      fc.constantFrom(...EVERY_VERSION),
      fc.constantFrom("iptables" as const, "nftables" as const),
      (given, version, kubeProxy) => {
        const key = (it: { object: string; field: string; effect: string }) => `${it.object} ${it.effect}`;
        const unknown = new Set(findPoison(given).map(key));
        const known = findPoison(given, { calico: [version], kubeProxy });
        expect(known.filter((it) => !unknown.has(key(it)))).toEqual([]);
        expect(known.filter((it) => it.doubt !== undefined)).toEqual([]);
      },
    ),
    RUNS,
  );
});
