/** Is Felix there, new enough for the profile that our endpoints name, and the same version on every node? */
import type { CalicoAgent } from "../../model/calico-agent.ts";
import type { Finding } from "../../model/finding.ts";
import { ALLOW_PROFILE } from "../../names/names.ts";
import { agentName } from "../../policy/agent/read-agent.ts";
import {
  compareCalicoVersions,
  formatCalicoVersion,
  parseCalicoVersion,
} from "../../policy/version/calico-version.ts";
import type { Check, DoctorFacts } from "../facts.ts";

/** The first Calico whose Felix knows the allow profile; with an older one an endpoint that names it denies everything (cal#3552). */
const firstWithProfile = { major: 3, minor: 14, patch: 0 };

export const calicoNodeCheck: Check = (facts) => {
  const { calico } = facts;
  if (calico === undefined) return [];
  if (calico.agents.length === 0 && calico.looked === "all")
    return [
      {
        severity: "error",
        code: "calico-node-missing",
        object: "DaemonSet/calico-node",
        message:
          "no DaemonSet in any namespace has a container calico-node: nothing enforces host endpoints, unless Calico runs outside of Kubernetes",
        fix: "install Calico (policy only, beside the VPC CNI, is enough): https://docs.tigera.io/calico/latest/getting-started/kubernetes/managed-public-cloud/eks",
      },
    ];
  return [
    ...calicoVersionCheck(facts),
    ...calico.agents.flatMap((it) => notRolledOut(it, calico.agents.length === 1)),
  ];
};

/** What the versions alone tell, also of objects in files. */
export const calicoVersionCheck: Check = (facts) =>
  (facts.calico?.agents ?? []).flatMap((it) => outdated(it, facts));

function outdated(agent: CalicoAgent, { settings, calico }: DoctorFacts): readonly Finding[] {
  const version = agent.version ?? parseCalicoVersion(calico?.stated ?? "");
  if (version === undefined) {
    const message = `its image ${agent.image} tells no version, so it is not known whether it knows the profile ${ALLOW_PROFILE}, and what every release does counts`;
    return [
      {
        severity: "info",
        code: "calico-node-version-unknown",
        object: agentName(agent),
        message,
        fix: "see that it is Calico 3.14 or newer",
      },
    ];
  }
  const old = compareCalicoVersions(version, firstWithProfile) < 0;
  if (!old || !settings.endpoints.some((it) => it.profiles.includes(ALLOW_PROFILE))) return [];
  return [
    {
      severity: "error",
      code: "calico-node-outdated",
      object: agentName(agent),
      message: `it runs Calico ${formatCalicoVersion(version)}, which does not know the profile ${ALLOW_PROFILE}: an endpoint that names it would deny everything`,
      fix: "upgrade Calico to 3.14 or newer before reconciling",
    },
  ];
}

function notRolledOut(agent: CalicoAgent, isOnly: boolean): readonly Finding[] {
  const { desired, ready, updated } = agent.rollout;
  if (desired === 0) {
    const message = `it is scheduled to no node${isOnly ? ": nothing enforces host endpoints" : ""}`;
    return [
      {
        severity: "warning",
        code: "calico-node-not-scheduled",
        object: agentName(agent),
        message,
        fix: "look at its nodeSelector and tolerations",
      },
    ];
  }
  if (ready === desired && updated === desired) return [];
  const message = `of ${desired} pods ${ready} are ready and ${updated} are up to date: on the others endpoints are not enforced, or by another version`;
  const namespace = agent.namespace === "" ? "kube-system" : agent.namespace;
  return [
    {
      severity: "warning",
      code: "calico-node-not-rolled-out",
      object: agentName(agent),
      message,
      fix: `kubectl -n ${namespace} rollout status daemonset/${agent.name}`,
    },
  ];
}
