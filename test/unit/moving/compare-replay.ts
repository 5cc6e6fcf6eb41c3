/**
 * What Calico's controller made of a case and what we made of it: equal, different in a way that is meant (a row of the table in
 * docs/moving.md, named here by its first column), or a fault.
 */
import { formatAddress, parseAddress } from "../../../lib/address/parse-address.ts";
import type { HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { stringAt, stringsAt } from "../../../lib/model/read-json.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../../../lib/names/names.ts";
import type { AutoHepCase, RecordedEndpoint, Replayed } from "./replay-auto-hep.ts";

/** Differences that are meant. */
export const MEANT = [
  "no address",
  "refused by the API",
  "profiles",
  "guarded",
  "disowned",
  "not carried over",
] as const;
type Difference = (typeof MEANT)[number];
export type Comparison = {
  readonly kind: "equal" | "fault" | Difference;
  readonly detail: string;
};

type Pair = { readonly theirs: Shape | undefined; readonly ours: Shape | undefined };
type Shape = {
  readonly name: string;
  readonly node: string;
  readonly interfaceName: string;
  readonly addresses: readonly string[];
  readonly profiles: readonly string[];
  readonly labels: readonly string[];
  readonly foreign: boolean;
};

export function compareReplay(recorded: AutoHepCase, replayed: Replayed): Comparison {
  const theirs = new Map(recorded.after.map((it) => [it.name, shapeOfRecord(it)]));
  const ours = new Map(replayed.endpoints.map((it) => [it.name, shapeOfOurs(it)]));
  const pairs = [...new Set([...theirs.keys(), ...ours.keys()])]
    .map((name): Pair => ({ theirs: theirs.get(name), ours: ours.get(name) }))
    .filter((it) => text(it.theirs) !== text(it.ours));
  const kinds = pairs.map((it) => differenceOf(it, recorded, replayed));
  const detail = pairs.map((it) => `\n  calico ${text(it.theirs)}\n  ours   ${text(it.ours)}`).join("");
  return { kind: kinds.includes("fault") ? "fault" : (kinds[0] ?? "equal"), detail };
}

function differenceOf(
  pair: Pair,
  recorded: AutoHepCase,
  { withheld, waiting, problems }: Replayed,
): Difference | "fault" {
  const { theirs, ours } = pair;
  if (withheld.some((it) => it.startsWith("essential-flow"))) return "guarded";
  if (problems.length > 0 && ours === undefined) return "not carried over";
  if (theirs !== undefined && ours !== undefined)
    return text({ ...theirs, profiles: [] }) === text({ ...ours, profiles: [] }) ? "profiles" : "fault";
  if (theirs !== undefined) return isWithoutAddress(theirs) ? "no address" : "fault";
  if (ours === undefined) return "fault";
  if (ours.foreign) return "disowned";
  // While a node has no address nothing is decided about it: what it has stays.
  if (waiting.has(ours.node)) return "no address";
  return hasAddressThatCalicoChokesOn(recorded, ours.node) ? "refused by the API" : "fault";
}

function isWithoutAddress({ interfaceName, addresses }: Shape): boolean {
  return interfaceName === "*" && addresses.length === 0;
}

/** One that is there twice, or with the length of its network: the API refuses the whole endpoint (docs/calico.md 0, item 8). */
function hasAddressThatCalicoChokesOn({ nodes }: AutoHepCase, name: string): boolean {
  const node = nodes.find((it) => it.metadata.name === name);
  const { annotations = {} } = node?.metadata ?? {};
  const listed = (node?.status?.["addresses"] ?? []) as readonly JsonObject[];
  const claimed = Object.entries(annotations).flatMap(([key, value]) =>
    /Addr(ess)?$/.test(key) ? [key.endsWith("Address") ? (value.split("/")[0] ?? "") : value] : [],
  );
  const internal = listed.flatMap((it) =>
    it["type"] === "InternalIP" ? [stringAt(it, "address") ?? ""] : [],
  );
  return new Set(claimed).size < claimed.length || [...claimed, ...internal].some((it) => it.includes("/"));
}

function shapeOfRecord({ name, labels, spec }: RecordedEndpoint): Shape {
  return {
    name,
    node: stringAt(spec, "node") ?? "",
    interfaceName: stringAt(spec, "interfaceName") ?? "",
    addresses: canonical(stringsAt(spec, "expectedIPs")),
    profiles: stringsAt(spec, "profiles"),
    labels: theirOwn(labels),
    foreign: false,
  };
}

function shapeOfOurs(endpoint: HostEndpoint): Shape {
  return {
    name: endpoint.name,
    node: endpoint.node,
    interfaceName: endpoint.interfaceName,
    addresses: canonical(endpoint.expectedIPs),
    profiles: endpoint.profiles,
    labels: theirOwn(endpoint.labels),
    foreign: endpoint.labels[OWNER_LABEL] === undefined,
  };
}

/** Without what says whose it is. */
function theirOwn(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels)
    .filter(([key]) => key !== CALICO_CREATED_BY_LABEL && key !== OWNER_LABEL)
    .map((it) => it.join("="))
    .sort();
}

function canonical(addresses: readonly string[]): readonly string[] {
  const spelled = addresses.map((it) => {
    const address = parseAddress(it);
    return address === undefined ? it : formatAddress(address);
  });
  return [...new Set(spelled)].sort();
}

function text(shape: Shape | undefined): string {
  return shape === undefined ? "nothing" : JSON.stringify({ ...shape, foreign: false });
}
