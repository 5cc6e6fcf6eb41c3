import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { CustomResourceDefinition } from "./custom-resource-definition.ts";
import { datastoreMigrationDefinition } from "./datastore-migration.ts";
import { groups, ownDefinitions, type GroupName } from "./own-definitions.ts";

/**
 * Which of Calico's definitions a control plane serves: one API group, both, both with the object that marks a move
 * from one to the other, or none (a cluster without Calico).
 */
export type CalicoDefinitionSet = "v1" | "v3" | "both" | "migration" | "none";

const groupsOf: Readonly<Record<CalicoDefinitionSet, readonly GroupName[]>> = {
  v1: ["v1"],
  v3: ["v3"],
  both: ["v1", "v3"],
  migration: ["v1", "v3"],
  none: [],
};

/**
 * The definitions of a set: Calico's own from the folder `realFolder` (default `$CALICO_CRDS`) when there is one, else this
 * project's. Throws when that folder lacks what the set needs.
 */
export async function calicoDefinitions(
  set: CalicoDefinitionSet,
  realFolder: string | undefined = process.env["CALICO_CRDS"],
): Promise<readonly CustomResourceDefinition[]> {
  const real = realFolder === undefined || realFolder === "" ? undefined : realFolder;
  const ofGroups = await Promise.all(
    groupsOf[set].map(async (version) =>
      real === undefined
        ? ownDefinitions(version)
        : realDefinitions(join(real, `${groups[version]}_${version}`)),
    ),
  );
  if (set !== "migration") return ofGroups.flat();
  const migration =
    real === undefined ? [datastoreMigrationDefinition] : await realMigrationDefinitions(real);
  return [...ofGroups.flat(), ...migration];
}

/** Calico's own definitions in one folder of YAML files. */
export async function realDefinitions(folder: string): Promise<readonly CustomResourceDefinition[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const definitions = await Promise.all(names.map((name) => definitionsIn(join(folder, name))));
  if (definitions.flat().length === 0) throw new Error(`${folder} has no CustomResourceDefinition`);
  return definitions.flat();
}

/** Calico's own DatastoreMigration, which lies beside the folders of the groups. */
export async function realMigrationDefinitions(folder: string): Promise<readonly CustomResourceDefinition[]> {
  return definitionsIn(join(folder, "migration.projectcalico.org_datastoremigrations.yaml"));
}

async function definitionsIn(file: string): Promise<readonly CustomResourceDefinition[]> {
  const documents = parseAllDocuments(await readFile(file, "utf8"));
  return documents.map((document) => document.toJS() as unknown).filter(isDefinition);
}

function isDefinition(value: unknown): value is CustomResourceDefinition {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "CustomResourceDefinition"
  );
}
