/** Is Felix there, new enough for the profile that our endpoints name, and the same version on every node? */
import type { Finding } from "../../model/finding.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, numberAt, objectAt, stringAt } from "../../model/read-json.ts";
import { ALLOW_PROFILE } from "../../names/names.ts";
import type { Check, DoctorFacts } from "../facts.ts";

/** The first Calico whose Felix knows the allow profile; with an older one an endpoint that names it denies everything (cal#3552). */
const firstWithProfile = { major: 3, minor: 14 };

export const calicoNodeCheck: Check = (facts) => {
  if (facts.unread.some((it) => it.what.startsWith("DaemonSet"))) return [];
  const first = facts.daemonSets[0];
  if (first === undefined)
    return [
      {
        severity: "error",
        code: "calico-node-missing",
        object: "DaemonSet/calico-node",
        message: "there is no DaemonSet calico-node in any namespace: nothing enforces host endpoints",
        fix: "install Calico (policy only, beside the VPC CNI, is enough): https://docs.tigera.io/calico/latest/getting-started/kubernetes/managed-public-cloud/eks",
      },
    ];
  return facts.daemonSets.flatMap((it) => [...outdated(it, facts), ...notRolledOut(it)]);
};

function outdated(daemonSet: KubernetesObject, { settings, calicoVersion }: DoctorFacts): readonly Finding[] {
  const version = parseVersion(nodeImage(daemonSet)) ?? parseVersion(calicoVersion);
  if (version === undefined) {
    const message = `its image ${nodeImage(daemonSet)} tells no version, so it is not known whether it knows the profile ${ALLOW_PROFILE}`;
    return [
      {
        severity: "info",
        code: "calico-node-version-unknown",
        object: nameOf(daemonSet),
        message,
        fix: "see that it is Calico 3.14 or newer",
      },
    ];
  }
  const old =
    version.major < firstWithProfile.major ||
    (version.major === firstWithProfile.major && version.minor < firstWithProfile.minor);
  if (!old || !settings.endpoints.some((it) => it.profiles.includes(ALLOW_PROFILE))) return [];
  return [
    {
      severity: "error",
      code: "calico-node-outdated",
      object: nameOf(daemonSet),
      message: `it runs Calico ${version.major}.${version.minor}, which does not know the profile ${ALLOW_PROFILE}: an endpoint that names it would deny everything`,
      fix: "upgrade Calico to 3.14 or newer before reconciling",
    },
  ];
}

function notRolledOut(daemonSet: KubernetesObject): readonly Finding[] {
  const status = daemonSet.status ?? {};
  const desired = numberAt(status, "desiredNumberScheduled") ?? 0;
  const ready = numberAt(status, "numberReady") ?? 0;
  const updated = numberAt(status, "updatedNumberScheduled") ?? 0;
  if (desired === 0) {
    const message = "it is scheduled to no node: nothing enforces host endpoints";
    return [
      {
        severity: "warning",
        code: "calico-node-not-scheduled",
        object: nameOf(daemonSet),
        message,
        fix: "look at its nodeSelector and tolerations",
      },
    ];
  }
  if (ready === desired && updated === desired) return [];
  const message = `of ${desired} pods ${ready} are ready and ${updated} are up to date: on the others endpoints are not enforced, or by another version`;
  const namespace = daemonSet.metadata.namespace ?? "kube-system";
  return [
    {
      severity: "warning",
      code: "calico-node-not-rolled-out",
      object: nameOf(daemonSet),
      message,
      fix: `kubectl -n ${namespace} rollout status daemonset/calico-node`,
    },
  ];
}

/** Image of the container that runs Felix; empty when there is none. */
export function nodeImage(daemonSet: KubernetesObject): string {
  const template = objectAt(objectAt(daemonSet.spec, "template"), "spec");
  const images = arrayAt(template, "containers")
    .filter(isJsonObject)
    .flatMap((it) => {
      const image = stringAt(it, "image");
      return image === undefined ? [] : [{ name: stringAt(it, "name"), image }];
    });
  return (images.find((it) => it.name === "calico-node") ?? images[0])?.image ?? "";
}

/** `docker.io/calico/node:v3.27.2` or `v3.27.2`; undefined for a digest or a tag that is no version. */
function parseVersion(text: string): { readonly major: number; readonly minor: number } | undefined {
  const match = /(?:^|:)v?(\d+)\.(\d+)(?:[.-]|$)/.exec(text.replace(/@sha256:.*$/, ""));
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

function nameOf({ metadata }: KubernetesObject): string {
  return `DaemonSet/${metadata.namespace ?? ""}/${metadata.name}`;
}
