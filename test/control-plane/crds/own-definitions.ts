import { calicoKinds, type CalicoKind } from "./calico-kinds.ts";
import type { CustomResourceDefinition } from "./custom-resource-definition.ts";
import { object } from "./schema-parts.ts";

/** Calico's two API groups: the classic one, and the native one that replaces it. */
export type GroupName = "v1" | "v3";
export const groups = { v1: "crd.projectcalico.org", v3: "projectcalico.org" } as const;

/** This project's own definitions of the kinds in one of Calico's groups. */
export function ownDefinitions(version: GroupName): readonly CustomResourceDefinition[] {
  return calicoKinds.map((kind) => definitionOf(kind, version));
}

function definitionOf(kind: CalicoKind, version: GroupName): CustomResourceDefinition {
  const group = groups[version];
  const native = version === "v3";
  const { status, rules, shortNames, selectableFields } = kind;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      scope: kind.namespaced ? "Namespaced" : "Cluster",
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        ...(native && shortNames !== undefined ? { shortNames } : {}),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(status === undefined ? {} : { subresources: { status: {} } }),
          ...(native && selectableFields !== undefined
            ? { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }
            : {}),
          schema: {
            openAPIV3Schema: object(
              {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec: kind.spec,
                ...(status === undefined ? {} : { status }),
              },
              {
                ...(native || kind.alwaysWithSpec === true ? { required: ["metadata", "spec"] } : {}),
                ...(rules === undefined ? {} : { "x-kubernetes-validations": rules }),
              },
            ),
          },
        },
      ],
    },
  };
}
