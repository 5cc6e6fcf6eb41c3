/**
 * docs/safety.md shows the essential flows as they are in the code. `SAFETY_WRITE=1` writes the table anew: read the
 * difference before you commit it.
 */
import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { builtInFlows } from "../../../lib/guard/essential-flows/built-in-flows.ts";
import type { EssentialFlow, Peers } from "../../../lib/guard/essential-flows/essential-flow.ts";
import type { Surroundings } from "../../../lib/guard/essential-flows/detect-surroundings.ts";

const file = join(import.meta.dirname, "..", "..", "..", "docs", "safety.md");
const BEGIN = "<!-- essential flows: begin -->";
const END = "<!-- essential flows: end -->";

/** Everything that a cluster can have, with words for the blocks. */
const everything: Surroundings = {
  apiServer: [{ id: "api-server", port: 443, peers: [{ kind: "every", nets: ["the API server"] }] }],
  controlPlane: ["the API server"],
  providers: {
    ...{ eks: [], k3s: [], kind: [], kubeadm: [] },
    ...{ aks: ["a"], gke: ["a"], rke2: ["a"], microk8s: ["a"], openshift: ["a"], talos: ["a"] },
  },
  eks: "all",
  kubeletPorts: new Map(),
  serving: {
    api: [{ port: 6_443, nodes: ["one that serves the API"] }],
    controlPlane: ["a", "b"].map((name) => ({ name, addresses: ["other control-plane nodes"] })),
    servers: [{ name: "a", addresses: ["control-plane nodes"] }],
    rke2: ["a"],
    microk8s: ["a", "b"],
  },
  nodePods: ["pods"],
  aws: "all",
  azure: ["one on Azure"],
  gcp: ["one on Google Cloud"],
  vpc: { nets: ["the VPC"] },
  pods: ["any pod"],
  awsServices: ["AWS's public addresses"],
  typha: true,
  vxlanPort: 4_789,
  ipip: true,
  bgp: true,
  wireguardPorts: { four: 51_820, six: 51_821 },
};

function peersText(peers: Peers): string {
  switch (peers.kind) {
    case "every":
    case "one-of":
    case "pods":
      return [...new Set(peers.nets)].join(", ");
    case "every-node":
      return "every other node";
    case "some-node":
      return "other nodes";
    case "self":
      return "its own address";
  }
}

function row(flow: EssentialFlow): string {
  const port =
    flow.icmp === undefined
      ? flow.port === undefined
        ? ""
        : ` ${flow.port}`
      : ` ${flow.icmp.type}/${flow.icmp.code ?? 0}`;
  const what = `${flow.protocol === 4 ? "ip-in-ip" : flow.protocol}${port}`;
  const where =
    flow.direction === "own-pod"
      ? "to its own pods"
      : `${{ ingress: "in from", egress: "out to", local: "to itself at", "pods-out": "its pods, out to", "pods-in": "its pods, in from" }[flow.direction]} ${flow.peers.map(peersText).join(", ")}`;
  return `| \`${flow.id}\` | ${what} | ${where} | ${flow.weight} | ${flow.reason} |`;
}

function table(): string {
  return [
    "| id | what | where | weight | because |",
    "|---|---|---|---|---|",
    ...builtInFlows(everything).map(row),
  ].join("\n");
}

/** Formatting pads tables. */
function plain(text: string): string {
  return text.replace(/ +/g, " ").replace(/\| ?-+ ?(?=\|)/g, "|-");
}

test("docs/safety.md shows the essential flows of the code", () => {
  const text = readFileSync(file, "utf8");
  const wanted = `${text.slice(0, text.indexOf(BEGIN))}${BEGIN}\n\n${table()}\n\n${text.slice(text.indexOf(END))}`;
  if (process.env["SAFETY_WRITE"] === "1") writeFileSync(file, wanted);
  else expect(plain(text)).toBe(plain(wanted));
});

test("every flow has an id of its own, a reason and a source", () => {
  const flows = builtInFlows(everything);
  expect(new Set(flows.map((it) => it.id)).size).toBe(flows.length);
  for (const it of flows)
    expect([it.reason, it.source]).toEqual([expect.stringMatching(/.{10}/), expect.stringMatching(/.{5}/)]);
});
