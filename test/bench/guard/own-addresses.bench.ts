/**
 * Which addresses are whose, for 100,000 nodes: doubts are looked for, shared addresses are told apart, and what an endpoint would get is
 * chosen. At most 200 ms in the steady state, where no call goes to EC2. With one node that lists a thousand others' addresses, too.
 *
 *     npm run bench -- own-addresses
 */
import { expectedIPsOf } from "../../../lib/desired/addresses.ts";
import { decodeHostEndpoint } from "../../../lib/model/read-host-endpoint.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { Node } from "../../../lib/model/node.ts";
import { settleAddresses } from "../../../lib/snapshot/settle-addresses.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNode } from "../../builders/a-node.ts";
import { ownTime } from "../own-time.ts";
import { report } from "../bench-row.ts";

const NODES = 100_000;
const MOST_MILLISECONDS = 200;
const TYPES = { types: ["InternalIP", "ExternalIP"], cidrs: [] };

const addressOf = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
const nameOf = (index: number) => `ip-${addressOf(index).replaceAll(".", "-")}.eu-west-1.compute.internal`;

const fleet = Array.from({ length: NODES }, (_, index) =>
  aNode({ name: nameOf(index), addresses: [{ type: "InternalIP", address: addressOf(index) }] }),
);
const hostEndpoints = fleet.map((node, index) =>
  decodeHostEndpoint(
    CALICO_V1,
    aHostEndpointObject({ name: node.name, node: node.name, expectedIPs: [addressOf(index)] }),
  ),
);
const evil = aNode({
  name: "evil",
  createdAt: "2026-11-23T00:00:00Z",
  addresses: [
    { type: "InternalIP", address: "10.200.0.1" },
    ...Array.from({ length: 1_000 }, (_, index) => ({ type: "ExternalIP", address: addressOf(index * 7) })),
  ],
});

async function measure(nodes: readonly Node[]): Promise<number> {
  const time = ownTime();
  const settled = await settleAddresses(
    { nodes, hostEndpoints, described: [], network: {}, publicAddresses: "unused" },
    undefined,
    new AbortController().signal,
  );
  for (const node of settled) expectedIPsOf(node, TYPES);
  return time();
}

for (const [work, nodes] of [
  ["own addresses, 100,000 nodes", fleet],
  ["the same with one node that lists 1,000 others' addresses", [...fleet, evil]],
] as const) {
  const runs: number[] = [];
  for (let run = 0; run < 5; run++) runs.push(await measure(nodes));
  const best = Math.min(...runs);
  report({
    work,
    measured: `${best.toFixed(0)} ms (worst of 5: ${Math.max(...runs).toFixed(0)} ms)`,
    bound: `at most ${MOST_MILLISECONDS} ms`,
    kept: best <= MOST_MILLISECONDS,
  });
}
