/** What a node says of its own addresses chooses among facts; it adds none, and the order in which it says it decides nothing. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { chooseAddresses } from "../../../lib/desired/addresses.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { addressesOfNode } from "../../../lib/guard/proof/node-addresses.ts";
import type { Node } from "../../../lib/model/node.ts";
import { aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

const listing = (...addresses: readonly string[]) =>
  addresses.map((address) => ({ type: "InternalIP" as const, address }));
const onEc2 = { providerId: "aws:///eu-west-1a/i-0123456789abcdef0" };
const all = { types: ["InternalIP", "ExternalIP"], cidrs: [] };

describe("a node with two addresses is proven for each: a policy that serves one of them cuts it", () => {
  const link = ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/32"];
  const policies = [
    aGlobalNetworkPolicy("from-pods", {
      types: ["Egress"],
      egress: [{ action: "Allow", source: { nets: ["100.64.0.0/10", ...link] } }],
    }),
  ];
  const open = [
    aGlobalNetworkPolicy("from-both", {
      types: ["Egress"],
      egress: [{ action: "Allow", source: { nets: ["100.64.0.0/10", "10.0.0.0/8", ...link] } }],
    }),
  ];
  test.each([
    ["pod address first", ["100.64.3.7", "10.0.1.5"]],
    ["pod address last", ["10.0.1.5", "100.64.3.7"]],
  ])("%s", (_order, addresses) => {
    const node = aNode({
      ...onEc2,
      name: "ip-10-0-1-5.eu-west-1.compute.internal",
      addresses: listing(...addresses),
    });
    const reasons = (given: typeof policies) =>
      guardPlan(aGuardRequest({ nodes: [node], policies: given })).withheld.map((it) => it.violation.reason);
    expect(reasons(policies)).toEqual(["essential-flow-cut"]);
    expect(reasons(open)).toEqual([]);
  });
});

const address = fc.oneof(
  fc.ipV4(),
  fc.constantFrom(
    "10.0.1.5",
    "100.64.3.7",
    "169.254.169.254",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.5",
    "fd00:ec2::254",
    "fd00::5",
  ),
);
const node: fc.Arbitrary<Node> = fc
  .record({
    name: fc.constantFrom("node-1", "ip-10-0-1-5.eu-west-1.compute.internal"),
    providerId: fc.constantFrom("aws:///eu-west-1a/i-0123456789abcdef0", "kind://x"),
    told: fc.array(address, { maxLength: 2 }),
    addresses: fc.array(fc.tuple(fc.constantFrom("InternalIP" as const, "ExternalIP" as const), address), {
      maxLength: 40,
    }),
  })
  .map(({ name, providerId, told, addresses }) =>
    aNode({
      name,
      providerId,
      annotations: { "alpha.kubernetes.io/provided-node-ip": told.join(",") },
      addresses: addresses.map(([type, it]) => ({ type, address: it })),
    }),
  );

test("law: permuting what the Node lists changes neither its endpoint nor what is proven of it", () => {
  fc.assert(
    fc.property(
      node.chain((it) =>
        fc.tuple(fc.constant(it), fc.shuffledSubarray([...it.addresses], { minLength: it.addresses.length })),
      ),
      ([it, addresses]) => {
        const other = { ...it, addresses };
        expect(chooseAddresses(other, all).addresses).toEqual(chooseAddresses(it, all).addresses);
        expect(addressesOfNode(other)).toEqual(addressesOfNode(it));
      },
    ),
    { numRuns: lawRuns() },
  );
});

test("law: nothing is written that neither the status nor EC2 lists, nor what is no node's; at most sixteen of a kind", () => {
  const nobodys =
    /^(0\.|127\.|169\.254\.|22[4-9]\.|23\d\.|255\.255\.255\.255$|fe[89ab]|ff|::1$|::$|fd00:ec2:)/;
  fc.assert(
    fc.property(
      node,
      fc.array(fc.constantFrom("10.9.9.9", "fd00::9"), { maxLength: 2 }),
      (it, primaryAddresses) => {
        const written = chooseAddresses({ ...it, primaryAddresses }, all).addresses;
        const facts = new Set([...it.addresses.map((listed) => listed.address), ...primaryAddresses]);
        expect(written.filter((one) => !facts.has(one) || nobodys.test(one))).toEqual([]);
        expect(written.length).toBeLessThanOrEqual(64);
      },
    ),
    { numRuns: lawRuns() },
  );
});

test("every listed address is proven, however many lower ones stand before it; of more than any node has nothing is", () => {
  const many = (count: number) => Array.from({ length: count }, (_, it) => `10.0.${it >> 8}.${it & 255}`);
  const policies = [
    aGlobalNetworkPolicy("low-ones", {
      types: ["Egress"],
      egress: [
        { action: "Allow", source: { nets: ["0.0.0.0/1"] } },
        { action: "Allow", source: { nets: ["169.254.0.0/16"] } },
      ],
    }),
  ];
  const reasons = (addresses: readonly string[], given: typeof policies) =>
    guardPlan(
      aGuardRequest({
        nodes: [aNode({ name: "n", providerId: "kind://x", addresses: listing(...addresses) })],
        policies: given,
      }),
    ).withheld.map((it) => it.violation.reason);
  expect(reasons(many(40), policies)).toEqual([]);
  expect(reasons([...many(40), "192.168.0.1"], policies)).toEqual(["essential-flow-cut"]);
  expect(reasons(many(300), [])).toEqual(["too-many-addresses"]);
});

test("a metadata address among a node's own holds nobody else back", () => {
  const liar = aNode({
    name: "liar",
    labels: { role: "quarantine" },
    addresses: [...listing("10.0.0.66"), { type: "ExternalIP", address: "169.254.169.254" }],
  });
  const honest = Array.from({ length: 5 }, (_, index) =>
    aNode({ name: `node-${index}`, addresses: listing(`10.0.0.${index + 1}`) }),
  );
  const policies = [
    aGlobalNetworkPolicy("quarantine", {
      types: ["Egress"],
      selector: "role != 'quarantine'",
      egress: [{ action: "Deny", destination: { selector: "role == 'quarantine'" } }, { action: "Allow" }],
    }),
  ];
  const { allowed } = guardPlan(aGuardRequest({ nodes: [...honest, liar], policies }));
  expect(allowed.map((it) => it.node)).toEqual(expect.arrayContaining(honest.map((it) => it.name)));
});
