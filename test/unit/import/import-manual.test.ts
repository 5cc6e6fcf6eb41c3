import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseDocument } from "yaml";
import { formatImported } from "../../../functions/cli/run/run-import.ts";
import { parseSettings } from "../../../lib/config/settings.ts";
import { buildDesired } from "../../../lib/desired/build-desired.ts";
import { importManual } from "../../../lib/import/import-manual.ts";
import { OWNER_LABEL } from "../../../lib/names/names.ts";
import { driftOf } from "../../../lib/plan/drift.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { aHostEndpoint, type HostEndpointSketch } from "../../builders/a-host-endpoint.ts";
import { aNode } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

const NAMES = ["a", "b", "c"] as const;
const addressOf = (name: string) => `10.0.0.${name.charCodeAt(0)}`;
const nodes = NAMES.map((name) =>
  aNode({ name, labels: { role: "web" }, addresses: [{ type: "InternalIP", address: addressOf(name) }] }),
);
const endpoint = (node: string, sketch: HostEndpointSketch = {}) =>
  aHostEndpoint({
    name: `${node}-ens5`,
    node,
    owner: null,
    interfaceName: "ens5",
    expectedIPs: [addressOf(node)],
    profiles: [],
    labels: { "host-endpoint": "frontend" },
    ...sketch,
  });

/** The settings that are printed, and what they give every node. */
function given(it: ReturnType<typeof importManual>) {
  const parsed = parseSettings(parseDocument(formatImported(it)).toJS(), checkSelector);
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const desired = buildDesired({
    scope: { kind: "cluster" },
    nodes,
    templates: parsed.settings.endpoints,
    owner: "us",
  });
  return {
    kept: parsed.settings.kept,
    endpoints: desired.nodes.flatMap((one) => (one.kind === "unfit" ? [] : one.endpoints)),
  };
}

describe("importManual", () => {
  test("an entry for the shape: pattern, interface, profiles, and the labels that somebody set", () => {
    const it = given(importManual({ endpoints: NAMES.map((name) => endpoint(name)), nodes }));
    expect(it.kept).toEqual([]);
    expect(it.endpoints).toHaveLength(3);
    expect(it.endpoints[0]).toMatchObject({
      name: "a-ens5",
      interfaceName: "ens5",
      profiles: [],
      labels: { "host-endpoint": "frontend", [OWNER_LABEL]: "us" },
    });
  });

  test("nodes without one get none, and copied labels stay copied", () => {
    const it = given(importManual({ endpoints: [endpoint("b", { labels: { role: "web" } })], nodes }));
    expect(it.endpoints).toHaveLength(1);
    expect(it.endpoints[0]?.labels).toEqual({ role: "web", [OWNER_LABEL]: "us" });
  });

  test.each<[string, HostEndpointSketch]>([
    ["a name of its own", { name: "legacy" }],
    ["an address of its own", { expectedIPs: ["192.0.2.1"] }],
    ["no address", { expectedIPs: [] }],
    ["another shape than most", { profiles: ["projectcalico-default-allow"] }],
  ])("one with %s is kept", (_what, sketch) => {
    const odd = endpoint("a", sketch);
    const it = given(importManual({ endpoints: [odd, endpoint("b"), endpoint("c")], nodes }));
    expect(it.kept).toEqual([odd.name]);
    expect(it.endpoints.map((one) => one.name)).toEqual(["b-ens5", "c-ens5"]);
  });

  test("nothing made by hand is nothing to make", () => {
    expect(given(importManual({ endpoints: [], nodes })).endpoints).toEqual([]);
    expect(given(importManual({ endpoints: [endpoint("gone")], nodes })).endpoints).toEqual([]);
  });

  test("law: what is printed makes exactly what is there, but for what is kept", () => {
    const sketch = (node: string): fc.Arbitrary<HostEndpointSketch> =>
      fc.record({
        name: fc.constantFrom(`${node}-ens5`, `host-${node}`, node, "legacy"),
        node: fc.constant(node),
        interfaceName: fc.constantFrom("ens5", "*", ""),
        expectedIPs: fc.constantFrom([addressOf(node)], [addressOf(node)], ["192.0.2.1"]),
        profiles: fc.constantFrom([], ["projectcalico-default-allow"], ["x", "y"]),
        labels: fc.dictionary(fc.constantFrom("role", "tier"), fc.constantFrom("web", "db")),
      });
    fc.assert(
      fc.property(fc.tuple(...NAMES.map((name) => fc.array(sketch(name), { maxLength: 2 }))), (sketches) => {
        const endpoints = [
          ...new Map(sketches.flat().map((it) => [it.name, aHostEndpoint({ ...it, owner: null })])).values(),
        ];
        const it = given(importManual({ endpoints, nodes }));
        const made = new Map(it.endpoints.map((one) => [one.name, one]));
        for (const one of endpoints) {
          const desired = made.get(one.name);
          expect([desired === undefined, it.kept.includes(one.name)]).toEqual(
            desired === undefined ? [true, true] : [false, false],
          );
          if (desired === undefined) continue;
          const changes = driftOf(one, desired).filter(({ path }) => !/owner"\]$|annotations/.test(path));
          expect(changes).toEqual([]);
          made.delete(one.name);
        }
        expect([...made.keys()]).toEqual([]);
      }),
      { numRuns: lawRuns(300) },
    );
  });
});
