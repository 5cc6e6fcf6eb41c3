import type { Check } from "../facts.ts";

/** Is there a datastore that may be written now, and does it say which Calico it is for? */
export const calicoStateCheck: Check = ({ plan, calico }) => {
  if (plan === undefined) return [];
  const { paused } = plan.snapshot.cluster;
  return [
    ...(paused === undefined
      ? []
      : [
          {
            severity: "error" as const,
            code: paused.reason,
            object: "Cluster/calico",
            message: paused.detail,
            fix: paused.fix,
          },
        ]),
    ...(calico?.stated === ""
      ? [
          {
            severity: "warning" as const,
            code: "calico-version-unknown" as const,
            object: "ClusterInformation/default",
            message:
              "it is missing or names no version: Calico's definitions are there, but no calico-node has started on them",
            fix: "see that calico-node and kube-controllers run against this datastore",
          },
        ]
      : []),
  ];
};
