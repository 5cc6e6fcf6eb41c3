/** A run that reads a few nodes only: whether another one has an address is learned as cheaply as the facts allow. */
import { expect, test } from "@jest/globals";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { InstanceReader } from "../../../lib/ports/aws.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { someSettings } from "../../builders/a-guard-request.ts";
import { anInstance } from "../../builders/an-instance.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const signal = new AbortController().signal;
const clock = { now: () => Date.parse("2026-11-24T00:00:00Z"), sleep: () => Promise.resolve() };
const id = "i-0123456789abcdef0";

function cluster(provider: "aws" | "kind"): InMemoryCluster {
  const providerOf = (name: string, instance: string) =>
    provider === "aws" ? `aws:///eu-west-1a/${instance}` : `kind://docker/kind/${name}`;
  return createInMemoryCluster({
    objects: [
      aNodeObject({
        name: "honest",
        providerId: providerOf("honest", "i-0fedcba9876543210"),
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      }),
      aNodeObject({
        name: "evil",
        createdAt: "2026-11-23T00:00:00Z",
        providerId: providerOf("evil", id),
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      }),
    ],
  });
}

async function runFor(node: string, world: InMemoryCluster, instances?: InstanceReader) {
  const before = world.calls.length;
  await reconcile(
    { triggers: [{ kind: "nodes", nodes: [node] }], mode: "apply" },
    {
      settings: someSettings(),
      cluster: world.gateway,
      clock,
      ...(instances === undefined ? {} : { instances }),
    },
    signal,
  );
  const lists = world.calls.slice(before).filter((it) => it.verb === "list" && it.resource === "nodes");
  const endpoints = await world.gateway.listHostEndpoints(CALICO_V1, signal);
  return { lists: lists.length, addresses: endpoints.find((it) => it.node === node)?.expectedIPs ?? [] };
}

test("EC2 says what a new node's own is: no list of nodes, and not the address that it claims", async () => {
  const asked: (readonly string[])[] = [];
  const own = anInstance({ instanceId: id, privateIPv4: "10.0.0.66", addresses: ["10.0.0.66"] });
  const instances: InstanceReader = {
    describeInstances: (ids) => (asked.push(ids), Promise.resolve([own])),
  };
  const world = cluster("aws");
  expect(await runFor("evil", world, instances)).toEqual({ lists: 0, addresses: ["10.0.0.66"] });
  expect(asked).toEqual([[id]]);
});

test("nobody can ask EC2: the other nodes are read, and the one that was there first keeps the address", async () => {
  for (const provider of ["kind", "aws"] as const) {
    const world = cluster(provider);
    expect(await runFor("evil", world)).toEqual({ lists: 1, addresses: [] });
    expect(await runFor("honest", world)).toMatchObject({ addresses: ["10.0.0.1"] });
    // What its endpoint has already is new to nobody.
    expect(await runFor("honest", world)).toEqual({ lists: 0, addresses: ["10.0.0.1"] });
  }
});
