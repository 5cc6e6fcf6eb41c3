/**
 * Which addresses are whose, for 100,000 nodes: the judge alone, which has at most 200 ms; and the whole way of a run in the steady
 * state, where no call goes to EC2, also with one node that lists a thousand others' addresses.
 *
 *     npm run bench -- own-addresses
 */
import { ownAddresses } from "../../../lib/address/own-addresses.ts";
import { chooseAddresses } from "../../../lib/desired/addresses.ts";
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

/** The judge alone: what of a Node's addresses is its own. */
async function judge(nodes: readonly Node[]): Promise<void> {
  for (const node of nodes)
    for (const type of ["InternalIP", "ExternalIP"] as const) ownAddresses(node, type);
}

/** The whole way of a run: doubts, addresses that several nodes list, what no node has, and what the endpoints get. */
async function settle(nodes: readonly Node[]): Promise<void> {
  const world = {
    nodes,
    hostEndpoints,
    described: [],
    network: {},
    publicAddresses: "unused",
    complete: true,
  } as const;
  const settled = await settleAddresses(world, undefined, new AbortController().signal);
  for (const node of settled) chooseAddresses(node, TYPES);
}

for (const [work, run, nodes, most] of [
  ["own addresses, 100,000 nodes", judge, fleet, MOST_MILLISECONDS],
  ["from Nodes to the addresses of endpoints, 100,000 nodes", settle, fleet, undefined],
  ["the same with one node that lists 1,000 others' addresses", settle, [...fleet, evil], undefined],
] as const) {
  const runs: number[] = [];
  for (let index = 0; index < 5; index++) {
    const time = ownTime();
    await run(nodes);
    runs.push(time());
  }
  const best = Math.min(...runs);
  report({
    work,
    measured: `${best.toFixed(0)} ms (worst of 5: ${Math.max(...runs).toFixed(0)} ms)`,
    bound: most === undefined ? "" : `at most ${most} ms`,
    ...(most === undefined ? {} : { kept: best <= most }),
  });
}
