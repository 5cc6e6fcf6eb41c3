import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { CALICO_CREATED_BY_LABEL, CALICO_CREATED_BY_VALUE, OWNER_LABEL } from "../names/names.ts";
import { isOwned } from "../plan/ownership.ts";
import { evaluateSelector, parseSelector } from "../policy/selector/parse-selector.ts";
import { choiceOf, type AdoptRequest, type Other } from "./adopt-request.ts";

export type Chosen = {
  readonly endpoints: readonly HostEndpoint[];
  /** Names that were asked for and that nobody has. */
  readonly missing: readonly string[];
};

/** The endpoints that a request means, sorted by name. */
export function chooseEndpoints(
  request: AdoptRequest,
  { hostEndpoints: all, nodes }: Pick<Snapshot, "hostEndpoints" | "nodes">,
  owner: string,
): Chosen {
  const choice = choiceOf(request);
  if (choice.kind === "names") {
    const byName = new Map(all.map((it) => [it.name, it]));
    const names = [...new Set(choice.names)].sort();
    return {
      endpoints: names.flatMap((it) => byName.get(it) ?? []),
      missing: names.filter((it) => !byName.has(it)),
    };
  }
  const selector = choice.kind === "all" ? undefined : parseSelector(choice.selector);
  // One that was left behind is nobody's to take over: `--orphans` is for it.
  const present = new Set(nodes.map((it) => it.name));
  const isMeant = (it: HostEndpoint) =>
    (request.to === undefined ? isOf(it, request.from) && present.has(it.node) : isOwned(it, owner)) &&
    (selector === undefined || (selector.kind === "selector" && evaluateSelector(selector, it.labels)));
  return { endpoints: all.filter(isMeant), missing: [] };
}

/** True for an endpoint that this one made. Calico's carry its label; hostendpoint-operator's are named as their node, and bare. */
export function isOf(endpoint: HostEndpoint, other: Other | undefined): boolean {
  if (endpoint.labels[OWNER_LABEL] !== undefined) return false;
  const isAuto = endpoint.labels[CALICO_CREATED_BY_LABEL] === CALICO_CREATED_BY_VALUE;
  const isOperators =
    !isAuto &&
    endpoint.name === endpoint.node &&
    endpoint.interfaceName === "" &&
    endpoint.profiles.length === 0 &&
    endpoint.ports.length === 0;
  switch (other) {
    case "auto":
      return isAuto;
    case "operator":
      return isOperators;
    case "manual":
      return !isAuto;
    case undefined:
      return true;
  }
}
