/**
 * A hundred NetworkSets of 20,000 nets each, all of them in the rules of one policy, through the whole guard: at most 2 s and 300 MB
 * above what the snapshot itself holds.
 *
 *     npm run bench -- network-sets
 */
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";
import { ownTime } from "../own-time.ts";
import { report } from "../bench-row.ts";

const SETS = 100;
const NETS = 20_000;
const MOST_MILLISECONDS = 2_000;
const MOST_MEGABYTES = 300;

const sets = Array.from({ length: SETS }, (_, set): KubernetesObject => ({
  apiVersion: CALICO_V1,
  kind: "GlobalNetworkSet",
  metadata: { name: `set-${set}`, labels: { blocked: "yes" } },
  spec: {
    nets: Array.from({ length: NETS }, (_, net) => {
      const number = set * NETS + net;
      return `${20 + (number >> 21)}.${(number >> 13) & 255}.${(number >> 5) & 255}.${(number & 31) << 3}/29`;
    }),
  },
}));
const policy = aGlobalNetworkPolicy("blocked", {
  order: 1,
  selector: "all()",
  types: ["Ingress", "Egress"],
  ingress: [{ action: "Deny", source: { selector: "blocked == 'yes'" } }, { action: "Allow" }],
  egress: [{ action: "Deny", destination: { selector: "blocked == 'yes'" } }, { action: "Allow" }],
});
const request = () =>
  aGuardRequest({
    nodes: Array.from({ length: 50 }, (_, index) =>
      aNode({ name: `ip-10-0-7-${index}.eu-west-1.compute.internal` }),
    ),
    policies: [policy],
    networkSets: sets,
  });

const question = request();
(globalThis as { gc?: () => void }).gc?.();
const before = process.memoryUsage().rss;
const time = ownTime();
const guarded = guardPlan(question);
const milliseconds = time();
const megabytes = (process.memoryUsage().rss - before) / 1e6;
report({
  work: `guard, ${SETS} network sets of ${NETS.toLocaleString("en")} nets`,
  measured: `${milliseconds.toFixed(0)} ms, ${megabytes.toFixed(0)} MB more (${guarded.allowed.length} allowed, ${guarded.withheld.length} withheld)`,
  bound: `at most ${MOST_MILLISECONDS} ms, ${MOST_MEGABYTES} MB`,
  kept: milliseconds <= MOST_MILLISECONDS && megabytes <= MOST_MEGABYTES,
});
