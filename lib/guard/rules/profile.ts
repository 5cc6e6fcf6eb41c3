import { ALLOW_PROFILE } from "../../names/names.ts";
import type { Rule } from "../rule.ts";

/**
 * A profile that does not exist is replaced by "deny everything" (docs/calico.md 3). In a Kubernetes datastore only
 * `projectcalico-default-allow` and the profiles of namespaces and service accounts exist; the latter allow nothing or
 * what pods need, and namespaces are not read here, so they do not count as proven.
 */
export const profileRule: Rule = () => ({
  judge: (action) => {
    if (action.kind === "delete") return undefined;
    const unknown = action.desired.profiles.find((it) => it !== ALLOW_PROFILE);
    if (unknown === undefined) return undefined;
    return {
      reason: "unresolvable-profile",
      detail: `profile ${unknown} cannot be resolved: Felix would deny all traffic of ${action.node}`,
      fix: `set \`profiles: [${ALLOW_PROFILE}]\` for this entry of \`endpoints\`, or \`profiles: []\` for default deny`,
    };
  },
  findings: [],
});
