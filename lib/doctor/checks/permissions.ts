import type { Finding } from "../../model/finding.ts";
import { CLUSTER_ROLE, KUBERNETES_GROUP } from "../../names/names.ts";
import type { Check, PermissionFact } from "../facts.ts";

/** Each resource on which a verb is missing that our ClusterRole grants. */
export const permissionsCheck: Check = ({ permissions, identity }) =>
  [
    ...Map.groupBy(
      permissions.filter((it) => !it.allowed),
      subjectOf,
    ),
  ].map(([subject, missing]) => finding(subject, missing, identity));

function subjectOf({ group, resource, name, namespace }: PermissionFact): string {
  const qualified = group === "" ? resource : `${resource}.${group}`;
  return `${qualified}${name === "" ? "" : ` "${name}"`}${namespace === "" ? "" : ` in namespace ${namespace}`}`;
}

function finding(
  subject: string,
  missing: readonly PermissionFact[],
  { user, groups }: { readonly user: string; readonly groups: readonly string[] },
): Finding {
  const who = user === "" ? "these credentials" : `user "${user}"`;
  const verbs = missing.map((it) => it.verb).join(", ");
  return {
    severity: "error",
    code: "permission-missing",
    object: `ClusterRole/${CLUSTER_ROLE}`,
    message: `${who} may not ${verbs} ${subject}`,
    fix: groups.includes(KUBERNETES_GROUP)
      ? "hepctl rbac | kubectl apply -f -"
      : `hepctl rbac | kubectl apply -f -, and see that these credentials are in the group ${KUBERNETES_GROUP} (on EKS: kubernetesGroups of the access entry)`,
  };
}
