import type { CustomResourceDefinition } from "./custom-resource-definition.ts";
import { object, oneOf, textUpTo } from "./schema-parts.ts";
import { condition } from "./tier-schema.ts";

const moment = { type: "string", format: "date-time" } as const;
const count = { type: "integer", format: "int32" } as const;

/** The object that marks a running move of Calico's data from the one API group to the other. */
export const datastoreMigrationDefinition: CustomResourceDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "datastoremigrations.migration.projectcalico.org" },
  spec: {
    group: "migration.projectcalico.org",
    scope: "Cluster",
    names: {
      kind: "DatastoreMigration",
      listKind: "DatastoreMigrationList",
      plural: "datastoremigrations",
      singular: "datastoremigration",
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object(
            {
              spec: object(
                {
                  type: {
                    ...oneOf("APIServerToCRDs"),
                    maxLength: 64,
                    "x-kubernetes-validations": [
                      { rule: "self == oldSelf", message: "the type cannot be changed" },
                    ],
                  },
                },
                { required: ["type"] },
              ),
              status: object({
                phase: oneOf(
                  "Pending",
                  "Migrating",
                  "WaitingForConflictResolution",
                  "Converged",
                  "Complete",
                  "Failed",
                ),
                message: textUpTo(1024),
                startedAt: moment,
                completedAt: moment,
                datastoreLockedAt: moment,
                conditions: { type: "array", items: condition, maxItems: 64 },
                progress: object({
                  currentType: textUpTo(253),
                  typeProgress: textUpTo(64),
                  ...{ total: count, migrated: count, skipped: count, conflicts: count },
                  ...{ totalTypes: count, completedTypes: count },
                  typeDetails: {
                    type: "array",
                    maxItems: 128,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["kind"],
                    items: object(
                      { kind: textUpTo(253), migrated: count, skipped: count, conflicts: count },
                      { required: ["kind"] },
                    ),
                  },
                }),
              }),
            },
            { required: ["spec"] },
          ),
        },
      },
    ],
  },
};
