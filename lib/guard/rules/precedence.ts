import { ascending } from "../../model/ascending.ts";
import type { Finding } from "../../model/finding.ts";
import type { Action } from "../../model/plan.ts";
import { isOwned } from "../../plan/ownership.ts";
import { nothingAgainst, type GuardRequest, type Rule } from "../rule.ts";

/**
 * Of several endpoints on one node and interface only the one with the lowest name is in force (docs/calico.md 8).
 * Says, for each foreign endpoint on a node of ours, which of the two Felix uses.
 */
export const precedenceRule: Rule = (request) => ({
  judge: nothingAgainst,
  findings: [...blockedNames(request), ...rivals(request)].sort(ascending((it) => it.object)),
});

function blockedNames({ plan, snapshot }: GuardRequest): readonly Finding[] {
  const skipped = skippedNames(snapshot);
  return plan.foreign
    .filter((it) => it.blocks && !skipped.has(it.name))
    .map((it) => ({
      severity: "warning",
      code: "foreign-host-endpoint",
      object: `HostEndpoint/${it.name}`,
      message: `it has the name that node ${it.node} would get, but is not ours (${it.owner}); Felix uses it as it is`,
      fix: `take it over with "hepctl adopt ${it.name}", or change the name pattern of the entry of \`endpoints\``,
    }));
}

/** Felix has none of these: they have a finding of their own, and beat nobody. */
function skippedNames({ hostEndpoints }: GuardRequest["snapshot"]): ReadonlySet<string> {
  return new Set(hostEndpoints.flatMap((it) => (it.skipped === undefined ? [] : [it.name])));
}

function rivals({ plan, snapshot, safety }: GuardRequest): readonly Finding[] {
  const ours = new Map<string, { name: string; interfaceName: string }[]>();
  const remember = (node: string, name: string, interfaceName: string) =>
    ours.set(node, [...(ours.get(node) ?? []), { name, interfaceName }]);
  const touched = new Map<string, Action>(plan.actions.map((it) => [it.name, it]));
  for (const it of snapshot.hostEndpoints)
    if (isOwned(it, safety.id) && !touched.has(it.name)) remember(it.node, it.name, it.interfaceName);
  for (const it of plan.actions)
    if (it.kind !== "delete") remember(it.node, it.name, it.desired.interfaceName);
  return snapshot.hostEndpoints
    .filter((it) => !isOwned(it, safety.id) && it.skipped === undefined)
    .flatMap((foreign) =>
      (ours.get(foreign.node) ?? [])
        .filter((it) => it.interfaceName === foreign.interfaceName && it.name !== foreign.name)
        .map((it): Finding => {
          const winner = it.name < foreign.calicoName ? it.name : foreign.name;
          return {
            ...(winner === it.name
              ? ({ severity: "info", code: "wins-precedence" } as const)
              : ({ severity: "warning", code: "loses-precedence" } as const)),
            object: `HostEndpoint/${foreign.name}`,
            message: `node ${foreign.node} has two endpoints for interface "${foreign.interfaceName}": Felix uses ${winner} (the lowest name), the other is inert`,
            fix: `remove one of ${it.name} and ${foreign.name}, or name the foreign one under \`kept\` in the settings and take it over with "hepctl adopt ${foreign.name}"`,
          };
        }),
    );
}
