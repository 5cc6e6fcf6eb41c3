/** Flows a second on a prepared world: at least 100,000. */
import { prepareWorld, simulate } from "../../../lib/simulate/simulate.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aGlobalNetworkPolicy } from "../../builders/a-guard-request.ts";
import { addressFor, someNodeObjects } from "../../builders/a-node.ts";

const LIMIT = 100_000;
const nodes = someNodeObjects(200);
const { world } = prepareWorld([
  ...nodes,
  ...nodes.map((it) => aHostEndpointObject({ name: it.metadata.name, node: it.metadata.name })),
  ...Array.from({ length: 50 }, (_, index) =>
    aGlobalNetworkPolicy(`policy-${index}`, {
      order: index,
      types: ["Ingress", "Egress"],
      ingress: [{ action: "Allow", protocol: "TCP", destination: { ports: [8000 + index] } }],
      egress: [
        { action: "Allow", protocol: "TCP", destination: { nets: [`10.${index}.0.0/16`], ports: [443] } },
      ],
    }),
  ),
]);
const flows = Array.from({ length: 100_000 }, (_, index): Flow => {
  const node = nodes[index % nodes.length]?.metadata.name ?? "";
  return {
    id: `f${index}`,
    node,
    direction: "ingress",
    protocol: "tcp",
    source: { ip: "192.0.2.7" },
    destination: { ip: addressFor(node), port: 8000 + (index % 60) },
  };
});
function perSecond(path: boolean): number {
  simulate(world, flows.slice(0, 1_000), { path });
  const start = performance.now();
  simulate(world, flows, { path });
  return Math.round((flows.length / (performance.now() - start)) * 1000);
}
const verdicts = perSecond(false);
console.log(
  `simulate: ${verdicts} flows/s (limit ${LIMIT}); ${perSecond(true)} flows/s with every step told; 200 nodes, 50 policies`,
);
if (verdicts < LIMIT) process.exitCode = 1;
