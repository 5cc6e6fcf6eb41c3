/**
 * The CDK app: one stack for each file of `infra/clusters` but the reference (`example.yaml`), or for the one that the context
 * names (`-c cluster=NAME`). So `npx cdk ls`, `synth`, `diff`, `deploy STACK`, `deploy --all` and `destroy` work as CDK users know
 * them; `npm run deploy -- NAME` is the same with checks before.
 *
 * In: how to check selectors. Out: a synthesized app, or one text that names every problem of every file.
 * Must never happen: a stack of settings that have a problem.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { AwsSolutionsChecks } from "cdk-nag";
import { bundleFunction } from "../functions/local/bundle.ts";
import type { SelectorCheck } from "../lib/config/settings.ts";
import { RBAC_FILE } from "./constructs/cluster-rbac.ts";
import { ReconcilerStack, stackName } from "./reconciler-stack.ts";
import { clustersToDeploy, readClusterSettings } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

export type SynthesizedApp =
  | { readonly ok: true; readonly stacks: readonly string[] }
  | { readonly ok: false; readonly message: string };

export async function synthesizeApp(checkSelector: SelectorCheck): Promise<SynthesizedApp> {
  const app = new App();
  const named: unknown = app.node.tryGetContext("cluster");
  const names = typeof named === "string" ? [named] : clustersToDeploy();
  const read = names.map((name) => readClusterSettings(name, { checkSelector }));
  const problems = read.flatMap((it) => (it.ok ? [] : [it.message]));
  if (problems.length > 0) return { ok: false, message: problems.join("\n") };
  const wanted = read.flatMap((it) => (it.ok ? [it] : []));
  const twice = wanted.flatMap(({ settings, file }, index) => {
    const other = wanted.slice(0, index).find((it) => isSamePlace(it.settings, settings));
    return other === undefined
      ? []
      : [`${file}: cluster, id, region and account are those of ${other.file}: give one of them another id`];
  });
  if (twice.length > 0) return { ok: false, message: twice.join("\n") };
  for (const { settings } of wanted)
    new ReconcilerStack(app, {
      settings,
      // Beside the templates of other clusters each needs a name of its own.
      ...(wanted.length === 1 ? {} : { rbacFile: `${stackName(settings)}.${RBAC_FILE}` }),
      code: { reconcile: await bundled("reconcile", settings), release: await bundled("release", settings) },
    });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return { ok: true, stacks: wanted.map(({ settings }) => stackName(settings)) };
}

function isSamePlace(one: ClusterSettings, other: ClusterSettings): boolean {
  return (
    stackName(one) === stackName(other) &&
    one.cluster.region === other.cluster.region &&
    one.cluster.account === other.cluster.account
  );
}

/** The function's bundle with its settings beside it: settings are data of the deployment, not environment variables (4 KB). */
async function bundled(functionName: "reconcile" | "release", baked: ClusterSettings): Promise<Code> {
  const { region, account, name } = baked.cluster;
  const { folder } = await bundleFunction(
    functionName,
    join(import.meta.dirname, "..", "dist", "lambda", baked.id, `${account}-${region}`, name),
  );
  writeFileSync(join(folder, "settings.json"), `${JSON.stringify(baked, null, 2)}\n`);
  return Code.fromAsset(folder);
}
