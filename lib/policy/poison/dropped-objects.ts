import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { CALICO_V1, CALICO_V3 } from "../../model/calico-group.ts";
import { decodeHostEndpoint } from "../../model/read-host-endpoint.ts";
import { readMetadata } from "../objects/read-metadata.ts";
import { formatCalicoVersions, type CalicoVersion } from "../version/calico-version.ts";
import { hasInvalidLabels } from "../version/check-labels.ts";
import { rulesOf, type VersionRules } from "../version/version-rules.ts";
import { decodePolicy, objectionsToPolicy } from "../world/decode-policy.ts";
import { nameOf } from "../world/compile-policies.ts";
import { endpointFieldsOfModel, objectionsToEndpoint } from "../world/endpoint.ts";
import type { Poison } from "./poison.ts";

/**
 * What Felix's own last check makes of an object that decodes: one objection, and it treats the object as deleted. Which
 * objections it has depends on the version.
 * Source: docs/calico.md 17.1 and 17.2; docs/calico-versions.md, corrections 1 and 2.
 */
export function droppedObjects(object: KubernetesObject, versions: readonly CalicoVersion[]): Poison[] {
  const distinct = Map.groupBy(versions, (version) => {
    const { namedPortWithoutProtocol, invalidLabels } = rulesOf(version);
    return `${namedPortWithoutProtocol} ${invalidLabels}`;
  });
  const dropping = [...distinct.values()].flatMap((alike) => {
    const [version] = alike;
    const fields = version === undefined ? [] : objectionsTo(object, rulesOf(version));
    return fields.length === 0 ? [] : [{ alike, fields }];
  });
  const [first] = dropping;
  if (first === undefined) return [];
  const fields = [...new Set(dropping.flatMap((it) => it.fields))].join(", ");
  const dropped = dropping.flatMap((it) => it.alike);
  const isCertain = dropped.length === versions.length;
  return [
    {
      object: nameOf(object),
      field: fields,
      effect: "drops-object",
      ...(isCertain ? {} : { doubt: "version" as const }),
      message: `Felix ${isCertain ? "" : `of Calico ${formatCalicoVersions(dropped)} `}ignores the whole object because of ${fields}`,
      fix: "Correct the field; `calicoctl apply` would have refused it.",
    },
  ];
}

function objectionsTo(object: KubernetesObject, rules: VersionRules): readonly string[] {
  switch (object.kind) {
    case "HostEndpoint": {
      const endpoint = decodeHostEndpoint(object.apiVersion === CALICO_V1 ? CALICO_V1 : CALICO_V3, object);
      return endpoint.skipped === undefined
        ? objectionsToEndpoint(endpointFieldsOfModel(endpoint), rules)
        : [];
    }
    case "GlobalNetworkSet":
    case "NetworkSet": {
      const metadata = readMetadata(object);
      const isLost =
        rules.invalidLabels === "drop-object" && metadata !== undefined && hasInvalidLabels(metadata.labels);
      return isLost ? ["Labels"] : [];
    }
    case "GlobalNetworkPolicy":
    case "StagedGlobalNetworkPolicy":
      return objectionsToPolicy(decodePolicy(object, ""), rules);
    case "NetworkPolicy":
    case "StagedNetworkPolicy":
      return objectionsToPolicy(decodePolicy(object, object.metadata.namespace ?? "default"), rules);
    default:
      return [];
  }
}
