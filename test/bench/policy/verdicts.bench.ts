/**
 * How fast verdicts are, and how compiling grows: `node functions/local/run.mjs test/bench/policy/verdicts.bench.ts`.
 * Prints `metric value unit`, one per line. Exit code 1 when a bound of the project is broken.
 */
import { cpuUsage, memoryUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Flow } from "../../../lib/model/flow.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { compilePolicies } from "../../../lib/policy/world/compile-policies.ts";
import { attachEndpoints } from "../../../lib/policy/world/attach-endpoints.ts";
import { endpointFieldsOfModel } from "../../../lib/policy/world/endpoint.ts";
import { nodeFactsOfModel } from "../../../lib/policy/world/node-facts.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { projectNode } from "../../../lib/model/project-node.ts";
import { decodeHostEndpoint } from "../../../lib/model/read-host-endpoint.ts";

const FLOWS_PER_NODE = 20;
const BOUND_SECONDS = 2;
const BOUND_MEGABYTES = 100;
const BOUND_FLOWS_PER_SECOND = 100_000;

function address(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

function nodeObject(index: number): KubernetesObject {
  const ip = address(index + 256);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `node-${index}`,
      labels: {
        "kubernetes.io/hostname": `node-${index}`,
        zone: `zone-${index % 3}`,
        pool: `pool-${index % 40}`,
      },
      annotations: { "projectcalico.org/Interfaces": JSON.stringify([{ name: "eth0", addresses: [ip] }]) },
    },
    status: { addresses: [{ type: "InternalIP", address: ip }] },
  };
}

function endpointObject(index: number): KubernetesObject {
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "HostEndpoint",
    metadata: {
      name: `node-${index}`,
      labels: {
        "kubernetes.io/hostname": `node-${index}`,
        zone: `zone-${index % 3}`,
        pool: `pool-${index % 40}`,
        role: "worker",
      },
    },
    spec: {
      node: `node-${index}`,
      interfaceName: "*",
      expectedIPs: [address(index + 256)],
      profiles: ["projectcalico-default-allow"],
    },
  };
}

/** Every policy selects every node, and every second one a set of addresses: the expensive case. */
function policyObject(index: number, perNode: boolean): KubernetesObject {
  const port = 20_000 + index;
  const source =
    index % 2 === 0 ? { selector: `pool == 'pool-${index % 40}'` } : { nets: [`172.16.${index % 256}.0/24`] };
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "GlobalNetworkPolicy",
    metadata: { name: `policy-${index}` },
    spec: {
      order: index,
      // A selector over the host name makes every node's labels distinct: nothing can be shared between nodes.
      selector:
        perNode && index === 0
          ? "kubernetes.io/hostname != 'node-7'"
          : index % 4 === 0
            ? "has(role)"
            : `role == 'worker' && zone != 'zone-x${index}'`,
      types: ["Ingress", "Egress"],
      ingress: [
        {
          action: "Allow",
          protocol: "TCP",
          source,
          destination: { ports: [port, `${port + 1000}:${port + 1010}`] },
        },
        { action: "Deny", protocol: "UDP", destination: { ports: [port] } },
      ],
      egress: [{ action: "Allow", protocol: "TCP", destination: { ports: [port], ...source } }],
    },
  };
}

function flowsOf(index: number): readonly Flow[] {
  const own = address(index + 256);
  return Array.from({ length: FLOWS_PER_NODE }, (_, number): Flow => {
    const peer = { ip: address(((index * 31 + number) % 5000) + 256) };
    const port = number < 10 ? 20_000 + number * 19 : 443 + number;
    return number % 2 === 0
      ? {
          node: `node-${index}`,
          direction: "ingress",
          protocol: "tcp",
          source: peer,
          destination: { ip: own, port },
        }
      : {
          node: `node-${index}`,
          direction: "egress",
          protocol: "tcp",
          source: { ip: own },
          destination: { ...peer, port },
        };
  });
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function megabytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return (heapUsed + arrayBuffers) / 1_048_576;
}

/** Seconds of one core: the machine may have other work. */
function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

function print(metric: string, value: number, unit: string): void {
  process.stdout.write(`${metric} ${value.toFixed(value < 10 ? 3 : 0)} ${unit}\n`);
}

type Measured = {
  readonly seconds: number;
  readonly megabytes: number;
  readonly flowsPerSecond: number;
  /** Kept alive, so that memory is measured above the inputs. */
  readonly kept: readonly unknown[];
};

function measure(nodeCount: number, policyCount: number, perNode = false): Measured {
  const policyObjects = Array.from({ length: policyCount }, (_, index) => policyObject(index, perNode));
  const nodeObjects = Array.from({ length: nodeCount }, (_, index) => nodeObject(index));
  const endpointObjects = Array.from({ length: nodeCount }, (_, index) => endpointObject(index));
  const flows = Array.from({ length: nodeCount }, (_, index) => flowsOf(index));
  const before = megabytes();
  const started = cpuSeconds();
  const world = attachEndpoints(compilePolicies(policyObjects), {
    nodes: nodeObjects.map((it) => nodeFactsOfModel(projectNode(it))),
    endpoints: endpointObjects.map((it) => endpointFieldsOfModel(decodeHostEndpoint(CALICO_V1, it))),
  });
  const prepared = cpuSeconds();
  let allowed = 0;
  for (const flowsOfNode of flows)
    for (const flow of flowsOfNode) if (verdictFor(world, flow).verdict === "allow") allowed++;
  const seconds = cpuSeconds() - started;
  const askingStarted = cpuSeconds();
  for (const flowsOfNode of flows) for (const flow of flowsOfNode) verdictFor(world, flow);
  const asking = cpuSeconds() - askingStarted;
  const name = `policy_${nodeCount}_nodes_${policyCount}_policies${perNode ? "_distinct_labels" : ""}`;
  const kept = [world, policyObjects, nodeObjects, endpointObjects, flows];
  const used = megabytes() - before;
  print(`${name}_compile`, prepared - started, "seconds");
  print(`${name}_compile_and_verdicts`, seconds, "seconds");
  print(`${name}_memory`, used, "MB");
  print(`${name}_flows_per_second`, (nodeCount * FLOWS_PER_NODE) / asking, "flows/s");
  print(`${name}_allowed`, allowed, "flows");
  return { seconds, megabytes: used, flowsPerSecond: (nodeCount * FLOWS_PER_NODE) / asking, kept };
}

measure(200, 20); // warm up
process.stdout.write("--\n");
measure(1000, 50);
measure(1000, 200);
measure(5000, 50);
measure(5000, 200, true);
const largest = measure(5000, 200);
const broken = [
  largest.seconds > BOUND_SECONDS ? `more than ${BOUND_SECONDS} s` : "",
  largest.megabytes > BOUND_MEGABYTES ? `more than ${BOUND_MEGABYTES} MB` : "",
  largest.flowsPerSecond < BOUND_FLOWS_PER_SECOND ? `fewer than ${BOUND_FLOWS_PER_SECOND} flows/s` : "",
].filter((text) => text !== "");
if (broken.length > 0) {
  process.stderr.write(`bound broken: ${broken.join(", ")}\n`);
  process.exitCode = 1;
}
