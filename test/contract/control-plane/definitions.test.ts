import { describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import { startControlPlane } from "../../control-plane/control-plane.ts";
import {
  realDefinitions,
  realMigrationDefinitions,
  type CalicoDefinitionSet,
} from "../../control-plane/crds/calico-definitions.ts";
import type { CustomResourceDefinition } from "../../control-plane/crds/custom-resource-definition.ts";
import { datastoreMigrationDefinition } from "../../control-plane/crds/datastore-migration.ts";
import { groups, ownDefinitions, type GroupName } from "../../control-plane/crds/own-definitions.ts";
import { describeWhereControlPlaneRuns } from "../../control-plane/describe-with-control-plane.ts";
import { differences } from "./schema-differences.ts";

/** Calico's own definitions, which are not part of this repository: `CALICO_CRDS` names the folder that holds them. */
const realFolder = process.env["CALICO_CRDS"] ?? "";
const describeWithRealDefinitions = existsSync(realFolder) ? describe : describe.skip;

/** Read once: these are 45 files of up to 1,500 lines. */
const readReal = { v1: once("v1"), v3: once("v3") };

function once(version: GroupName): () => Promise<readonly CustomResourceDefinition[]> {
  let read: Promise<readonly CustomResourceDefinition[]> | undefined;
  return () => (read ??= realDefinitions(`${realFolder}/${groups[version]}_${version}`));
}

function named(definitions: readonly CustomResourceDefinition[], name: string): CustomResourceDefinition {
  const found = definitions.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`Calico has no definition ${name}`);
  return found;
}

describeWithRealDefinitions("our definitions against Calico's own ($CALICO_CRDS)", () => {
  const both = (["v1", "v3"] as const).flatMap((version) =>
    ownDefinitions(version).map((own) => ({ own, version, name: own.metadata.name })),
  );

  test.each(both)("$name says what Calico says, field by field", async ({ own, version, name }) => {
    const real = named(await readReal[version](), name);
    expect(differences(own, real)).toEqual([]);
  });

  test("DatastoreMigration says what Calico says", async () => {
    const [real] = await realMigrationDefinitions(realFolder);
    if (real === undefined) throw new Error("Calico's DatastoreMigration is missing");
    expect(differences(datastoreMigrationDefinition, real)).toEqual([]);
  });
});

describeWhereControlPlaneRuns("the sets of definitions", () => {
  test.each([
    { set: "none", served: [] },
    { set: "v1", served: ["crd.projectcalico.org"] },
    { set: "v3", served: ["projectcalico.org"] },
    { set: "both", served: ["crd.projectcalico.org", "projectcalico.org"] },
    {
      set: "migration",
      served: ["crd.projectcalico.org", "migration.projectcalico.org", "projectcalico.org"],
    },
  ] as const)("$set serves $served as soon as the start resolves", async ({ set, served }) => {
    expect(await calicoGroupsServed(set)).toEqual(served);
  });
});

async function calicoGroupsServed(definitions: CalicoDefinitionSet): Promise<readonly string[]> {
  await using controlPlane = await startControlPlane({ definitions });
  const { groups: all } = (await controlPlane.admin.request("GET", "/apis")) as {
    groups: { name: string }[];
  };
  const names = all.map(({ name }) => name).filter((name) => name.endsWith("projectcalico.org"));
  for (const group of Object.values(groups).filter((name) => names.includes(name))) {
    const version = group === groups.v1 ? "v1" : "v3";
    const path = `/apis/${group}/${version}/hostendpoints`;
    await controlPlane.admin.create(path, {
      apiVersion: `${group}/${version}`,
      kind: "HostEndpoint",
      metadata: { name: "h1" },
      spec: { node: "n1", interfaceName: "*" },
    });
  }
  return names.sort();
}
