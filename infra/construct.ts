/**
 * `hostendpoint-reconciler/cdk`: the reconciler as a construct for a team's own CDK app, one for each cluster.
 *
 *     import { HostEndpointReconciler } from "hostendpoint-reconciler/cdk";
 *     new HostEndpointReconciler(stack, "Prod", { settings: { cluster: { name: "prod", region, account } } });
 *
 * In: settings as `infra/clusters/NAME.yaml` has them, as a value. Out: constructs in that stack; and beside the template the file
 * that the cluster's owner applies. @throws Error that names every problem of the settings at once.
 */
import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type * as z from "zod";
import type { settingsSchema } from "../lib/config/settings.ts";
import { installationName } from "../lib/names/names.ts";
import { rbacYaml } from "../lib/names/cluster-role.ts";
import { checkSelector } from "../lib/policy/selector/parse-selector.ts";
import { RBAC_FILE } from "./constructs/cluster-rbac.ts";
import { Installation } from "./constructs/host-endpoint-reconciler.ts";
import { checkClusterSettings, type ClusterSettings } from "./settings.ts";

export type HostEndpointReconcilerProps = {
  /** What `infra/clusters/example.yaml` shows; only `cluster` is needed. */
  readonly settings: z.input<typeof settingsSchema>;
  /** Folder with the bundled functions, `reconcile/index.mjs` and `release/index.mjs`. Default: those of the package. */
  readonly bundles?: string;
};

/** Where the package has the bundled functions, beside the bundle of this file. */
const BUNDLES = join(import.meta.dirname, "lambda");

export class HostEndpointReconciler extends Construct {
  /** ClusterRoles and bindings for `kubectl apply -f -`; also in the cloud assembly, as `ID-CLUSTER.rbac.yaml`. */
  readonly rbacYaml: string;

  constructor(scope: Construct, id: string, { settings, bundles = BUNDLES }: HostEndpointReconcilerProps) {
    super(scope, id);
    const checked = checkClusterSettings(settings, checkSelector);
    if (!checked.ok) throw new Error(["The settings have problems:", ...checked.problems].join("\n  "));
    const baked = checked.settings;
    this.rbacYaml = rbacYaml({ probe: baked.canary.probe });
    new Installation(this, "Default", {
      settings: baked,
      code: { reconcile: asset(bundles, "reconcile", baked), release: asset(bundles, "release", baked) },
      rbacFile: `${installationName(baked.cluster.name, baked.id)}.${RBAC_FILE}`,
    });
  }
}

/** Settings are data of the deployment: they lie beside the function's code. CDK names an asset by its content, not by this folder. */
function asset(bundles: string, name: string, settings: ClusterSettings): Code {
  const folder = mkdtempSync(join(tmpdir(), "hostendpoint-reconciler-"));
  cpSync(join(bundles, name), folder, { recursive: true });
  writeFileSync(join(folder, "settings.json"), `${JSON.stringify(settings, null, 2)}\n`);
  return Code.fromAsset(folder);
}
