import { formatAddress, parseNetwork, type Address, type Family } from "../../address/parse-address.ts";
import type { Flow, FlowEnd } from "../../model/flow.ts";
import type { Node } from "../../model/node.ts";
import { addressesOfNode } from "../proof/node-addresses.ts";
import type { ProtocolClass } from "./port-classes.ts";
import type { PortRange, TrafficDirection } from "./traffic.ts";

/** One flow, which stands for all that nothing tells apart from it. */
export type Question = {
  readonly flow: Flow;
  readonly direction: TrafficDirection;
  readonly protocol: string | number;
  readonly ports: readonly PortRange[];
};

export type QuestionRequest = {
  readonly node: Node;
  readonly direction: TrafficDirection;
  /** Blocks that pods' addresses are from. */
  readonly pods: readonly string[];
  /** The pods' side of what passes through the node. */
  readonly podInterface: string;
  readonly protocols: readonly ProtocolClass[];
  readonly peersOf: (family: Family) => readonly Address[];
};

/** Every pair of an own and another address of one family, with every protocol and class of ports. */
export function questionsAbout(request: QuestionRequest): readonly Question[] {
  const { node, direction, protocols } = request;
  const own = addressesOfNode(node);
  const families = [...new Set(own.map((it) => it.family))];
  return families.flatMap((family) => {
    const locals = own.filter((it) => it.family === family);
    const peers = request.peersOf(family).filter((it) => !locals.some(({ value }) => value === it.value));
    const pod = direction === "ingress" || direction === "egress" ? undefined : podIn(request.pods, family);
    const mine = direction === "to-pods" || direction === "from-pods" ? [pod ?? []].flat() : locals;
    return mine.flatMap((local) =>
      peers.flatMap((peer) =>
        protocols.flatMap((it) =>
          asksOf(it, family).flatMap(({ ask, protocol, ports }): readonly Question[] => {
            const flow = flowOf(request, { local, peer, pod }, ask);
            return flow === undefined ? [] : [{ flow, direction, protocol, ports }];
          }),
        ),
      ),
    );
  });
}

type Ask = Pick<Flow, "protocol" | "icmp"> & { readonly port?: number };
type Ends = { readonly local: Address; readonly peer: Address; readonly pod: Address | undefined };

function asksOf(
  it: ProtocolClass,
  family: Family,
): readonly {
  readonly ask: Ask;
  readonly protocol: string | number;
  readonly ports: readonly PortRange[];
}[] {
  const { protocol } = it;
  if ("ports" in it)
    return it.ports.map(({ port, ranges }) => ({ ask: { protocol, port }, protocol, ports: ranges }));
  if ("types" in it)
    return (protocol === "icmp") === (family === 4)
      ? it.types.map((type) => ({ ask: { protocol, icmp: { type, code: 0 } }, protocol, ports: [] }))
      : [];
  return [{ ask: { protocol }, protocol, ports: [] }];
}

function flowOf(
  { node, direction, podInterface }: QuestionRequest,
  { local, peer, pod }: Ends,
  { port, ...ask }: Ask,
): Flow | undefined {
  const base = { node: node.name, ...ask };
  const to = (address: Address): FlowEnd => ({
    ip: formatAddress(address),
    ...(port === undefined ? {} : { port }),
  });
  const [mine, theirs] = [{ ip: formatAddress(local) }, { ip: formatAddress(peer) }];
  switch (direction) {
    case "ingress":
      return { ...base, direction, source: theirs, destination: to(local) };
    case "egress":
      return { ...base, direction, source: mine, destination: to(peer) };
    case "to-pods":
      return {
        ...base,
        direction: "forward",
        outInterface: podInterface,
        source: theirs,
        destination: to(local),
      };
    case "from-pods":
      return { ...base, direction: "forward", interface: podInterface, source: mine, destination: to(peer) };
    case "to-services":
      // Only what has ports comes by a NodePort.
      return pod === undefined || port === undefined
        ? undefined
        : {
            ...base,
            direction: "forward",
            outInterface: podInterface,
            source: theirs,
            destination: to(local),
            dnat: { ip: formatAddress(pod), port: 8_080 },
          };
  }
}

/** An address inside the pods' blocks that stands for a pod. */
function podIn(blocks: readonly string[], family: Family): Address | undefined {
  for (const text of blocks) {
    const block = parseNetwork(text);
    if (block === undefined || block.family !== family) continue;
    return block.family === 4
      ? { family: 4, value: Math.min(block.last, block.first + 9) }
      : { family: 6, value: block.first + 9n < block.last ? block.first + 9n : block.last };
  }
  return undefined;
}
