/**
 * Law: among honest nodes one that may say anything about itself holds nobody back, takes nobody's address, and does so in no later
 * run either. Through the whole sentence, on a cluster in memory, without EC2.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { aGlobalNetworkPolicy, someSettings } from "../../builders/a-guard-request.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { lawRuns } from "../law-runs.ts";

const HONEST = 12;
const signal = new AbortController().signal;
const addressOf = (index: number) => `10.0.66.${index + 1}`;
const honest = Array.from({ length: HONEST }, (_, index) =>
  aNodeObject({
    name: `node-${index}`,
    providerId: `kind://docker/kind/node-${index}`,
    addresses: [{ type: "InternalIP", address: addressOf(index) }],
  }),
);
/** Whoever is in quarantine may not be talked to, and may not talk. */
const quarantine = aGlobalNetworkPolicy("quarantine", {
  order: 1,
  types: ["Ingress", "Egress"],
  ingress: [{ action: "Deny", source: { selector: "role == 'quarantine'" } }, { action: "Allow" }],
  egress: [{ action: "Deny", destination: { selector: "role == 'quarantine'" } }, { action: "Allow" }],
});

const address = fc.oneof(
  fc.nat({ max: HONEST - 1 }).map(addressOf),
  fc.constantFrom(
    "169.254.169.254",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "10.0.66.66",
    "bogus",
    "::ffff:10.0.66.2",
  ),
);
const lie = fc.record({
  role: fc.constantFrom("quarantine", "web", ""),
  internal: fc.array(address, { minLength: 1, maxLength: 4 }),
  external: fc.array(address, { maxLength: HONEST + 4 }),
  told: fc.option(address, { nil: "" }),
});

const aLiar = ({ role, internal, external, told }: typeof lie extends fc.Arbitrary<infer T> ? T : never) =>
  aNodeObject({
    name: "evil",
    // It is younger than the others: they were there first.
    createdAt: "2026-11-23T00:00:00Z",
    providerId: "kind://docker/kind/evil",
    labels: { role },
    annotations: { "alpha.kubernetes.io/provided-node-ip": told },
    addresses: [
      ...internal.map((it) => ({ type: "InternalIP", address: it })),
      ...external.map((it) => ({ type: "ExternalIP", address: it })),
    ],
  });

test("law: honest nodes end protected in one run, with their own addresses, whatever one node says of itself", async () => {
  await fc.assert(
    fc.asyncProperty(lie, async (it) => {
      const cluster = createInMemoryCluster({ objects: [...honest, aLiar(it), quarantine] });
      const clock = { now: () => Date.parse("2026-11-24T00:00:00Z"), sleep: () => Promise.resolve() };
      const run = () =>
        reconcile(
          { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
          { settings: someSettings(), cluster: cluster.gateway, clock },
          signal,
        );
      for (const _run of ["first", "second"]) {
        const { report } = await run();
        const endpoints = await cluster.gateway.listHostEndpoints(CALICO_V1, signal);
        const own = new Map(endpoints.map((one) => [one.node, one.expectedIPs]));
        for (let index = 0; index < HONEST; index++)
          expect(own.get(`node-${index}`)).toEqual([addressOf(index)]);
        const stolen = (own.get("evil") ?? []).filter((one) => one !== "10.0.66.66");
        expect(stolen).toEqual([]);
        const claims = [...it.internal, ...it.external].filter((one) =>
          /^(::ffff:)?10\.0\.66\.(?!66$)/.test(one),
        );
        const told = report.findings.filter((one) => one.code === "address-of-another-node");
        expect(told.map((one) => one.object)).toEqual(claims.length === 0 ? [] : ["Node/evil"]);
      }
    }),
    { numRuns: lawRuns() },
  );
});

test("three hundred claims cost the liar its claims, and nobody anything", async () => {
  const many = Array.from({ length: 300 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  const nodes = many.map((it, index) =>
    aNodeObject({
      name: `n-${index}`,
      providerId: `kind://n-${index}`,
      addresses: [{ type: "InternalIP", address: it }],
    }),
  );
  const evil = aLiar({ role: "quarantine", internal: ["10.0.66.66"], external: many, told: "" });
  const cluster = createInMemoryCluster({ objects: [...nodes, evil, quarantine] });
  const clock = { now: () => Date.parse("2026-11-24T00:00:00Z"), sleep: () => Promise.resolve() };
  const { report } = await reconcile(
    { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
    { settings: someSettings(), cluster: cluster.gateway, clock },
    signal,
  );
  expect(report.nodes.filter((it) => it.node !== "evil" && it.status !== "converged")).toEqual([]);
  const told = report.findings.filter((it) => it.code === "address-of-another-node");
  expect(told.map((it) => it.message)).toEqual([
    "it lists 10.1.0.0 of Node/n-0, 10.1.0.1 of Node/n-1, 10.1.0.10 of Node/n-10 and 297 more, which is not its own; no endpoint gets it for this node",
  ]);
});
