/**
 * The guard's proof at the size of the target: 5,000 nodes, 200 policies, every essential flow, a plan that touches every
 * node. At most 2 s on one core and 100 MB above the snapshot; prints how both grow.
 *
 *     npm run bench guard      (or: node functions/local/run.mjs test/bench/guard/prove-plan.bench.ts)
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { prepareProof } from "../../../lib/guard/proof/prepare-proof.ts";
import { provePlan } from "../../../lib/guard/proof/prove-plan.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";
import { ownTime } from "../own-time.ts";
import { report } from "../bench-row.ts";

const LIMITS = { milliseconds: 2_000, megabytes: 100 };
const TARGET = { nodes: 5_000, policies: 200 };

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function nodeOf(index: number) {
  return aNode({
    name: `ip-10-${index >> 8}-${index & 255}-7.eu-west-1.compute.internal`,
    labels: {
      "topology.kubernetes.io/zone": `eu-west-1${"abc"[index % 3] ?? ""}`,
      "eks.amazonaws.com/nodegroup": `group-${index % 20}`,
      "node.kubernetes.io/instance-type": `m${index % 7}.large`,
      ...Object.fromEntries(
        Array.from({ length: 12 }, (_, label) => [
          `company.example/label-${label}`,
          `value-${(index * (label + 1)) % 50}`,
        ]),
      ),
    },
  });
}

/** Policies as fleets have them: some for all hosts, many for some groups, with selectors, nets and ports; the first keeps all open. */
function policyOf(index: number): KubernetesObject {
  const rule = (more: JsonObject): JsonObject => ({ action: "Allow", protocol: "TCP", ...more });
  if (index === 0)
    return aGlobalNetworkPolicy("a-all", {
      order: 1,
      types: ["Ingress", "Egress"],
      ingress: [{ action: "Allow" }],
      egress: [{ action: "Allow", destination: { notNets: ["203.0.113.0/24"] } }],
    });
  return aGlobalNetworkPolicy(`policy-${index}`, {
    order: 10 + index,
    selector: index % 4 === 0 ? "all()" : `eks.amazonaws.com/nodegroup == 'group-${index % 20}'`,
    types: ["Ingress", "Egress"],
    ingress: [
      rule({
        source: { selector: `company.example/label-${index % 12} == 'value-${index % 50}'` },
        destination: { ports: [443, 8000 + index] },
      }),
      rule({ source: { nets: [`10.${index % 20}.0.0/16`] }, destination: { ports: [10250] } }),
    ],
    egress: [
      rule({ destination: { nets: [`10.${index}.0.0/16`, "169.254.0.0/16"], ports: [80, 443] } }),
      {
        action: "Deny",
        destination: { selector: `company.example/label-1 == 'value-${index % 50}'`, notPorts: [22] },
        protocol: "TCP",
      },
    ],
  });
}

/** Nobody may talk to whoever is in quarantine; the one node that is says so itself, and claims what is others'. */
const quarantine = aGlobalNetworkPolicy("quarantine", {
  order: 0,
  types: ["Ingress", "Egress"],
  ingress: [{ action: "Deny", source: { selector: "role == 'quarantine'" } }],
  egress: [{ action: "Deny", destination: { selector: "role == 'quarantine'" } }],
});
const evil = aNode({
  name: "evil",
  createdAt: "2026-11-23T00:00:00Z",
  labels: { role: "quarantine" },
  annotations: { "projectcalico.org/IPv4VXLANTunnelAddr": "192.168.255.1" },
  addresses: [
    { type: "InternalIP", address: "10.200.0.1" },
    ...Array.from({ length: 200 }, (_, index) => ({ type: "ExternalIP", address: `203.0.113.${index}` })),
  ],
});

function measure(nodes: number, policies: number, liar: "with a liar" | "honest" = "honest") {
  const request = aGuardRequest({
    nodes: [
      ...Array.from({ length: nodes }, (_, index) => nodeOf(index)),
      ...(liar === "honest" ? [] : [evil]),
    ],
    policies: [quarantine, ...Array.from({ length: policies }, (_, index) => policyOf(index))],
    profiles: [],
  });
  const time = ownTime();
  const guarded = guardPlan(request);
  const milliseconds = time();
  // What the proof holds while it works: its worlds and policies, with the result still in hand.
  collectGarbage();
  const heap = process.memoryUsage().heapUsed;
  const basis = prepareProof(request.snapshot, request.safety);
  const proof = provePlan({
    observed: request.snapshot.hostEndpoints,
    nodes: request.snapshot.nodes,
    actions: request.plan.actions,
    policies: basis.policies,
    flows: basis.flows,
    complete: true,
    nodeBlocks: basis.network.vpc.nets,
  });
  collectGarbage();
  const used = (process.memoryUsage().heapUsed - heap) / 1e6;
  return {
    milliseconds,
    used,
    allowed: guarded.allowed.length,
    withheld: guarded.withheld.length + proof.blamed.size,
  };
}

measure(50, 20);
let failed = false;
console.log("guard: before/after proof of a plan that creates an endpoint on every node");
for (const [nodes, policies] of [
  [500, 200],
  [1_000, 200],
  [2_500, 200],
  [TARGET.nodes, 50],
  [TARGET.nodes, 100],
  [TARGET.nodes, TARGET.policies],
] as const) {
  const { milliseconds, used, allowed, withheld } = measure(nodes, policies);
  console.log(
    `  ${String(nodes).padStart(5)} nodes ${String(policies).padStart(4)} policies  ${milliseconds.toFixed(0).padStart(6)} ms  ${used.toFixed(0).padStart(5)} MB held  (${allowed} allowed, ${withheld} withheld)`,
  );
  if (nodes === TARGET.nodes && policies === TARGET.policies)
    failed = milliseconds > LIMITS.milliseconds || used > LIMITS.megabytes;
}
console.log(
  `  limit at ${TARGET.nodes} nodes and ${TARGET.policies} policies: ${LIMITS.milliseconds} ms, ${LIMITS.megabytes} MB: ${failed ? "EXCEEDED" : "kept"}`,
);
const runs = (liar: "with a liar" | "honest") =>
  Array.from({ length: 3 }, () => measure(TARGET.nodes, TARGET.policies, liar));
const best = (of: ReturnType<typeof runs>) => Math.min(...of.map((it) => it.milliseconds));
const [honest, lied] = [runs("honest"), runs("with a liar")];
report({
  work: `guard, ${TARGET.nodes} nodes, ${TARGET.policies} policies, one node that lies`,
  measured: `${best(lied).toFixed(0)} ms, ${(best(lied) / best(honest)).toFixed(2)} times as long as without (${lied[0]?.allowed ?? 0} allowed)`,
  bound: "at most twice",
  kept: best(lied) <= 2 * best(honest) && (lied[0]?.allowed ?? 0) >= TARGET.nodes,
});
if (failed) process.exitCode = 1;
