/**
 * The CDK app: one stack for the cluster that the context names (`-c cluster=NAME`). The CDK command line starts it (cdk.json);
 * people use `npm run synth|diff|deploy|destroy -- NAME`, which check the settings, selectors included, before CDK starts.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { AwsSolutionsChecks } from "cdk-nag";
import { bundleFunction } from "../functions/local/bundle.ts";
import { ReconcilerStack } from "./reconciler-stack.ts";
import { readClusterSettings } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

const app = new App();
const name: unknown = app.node.tryGetContext("cluster");
const read = readClusterSettings(typeof name === "string" ? name : undefined, {
  // Selectors were checked by the command; the room that can is not to be imported here.
  checkSelector: () => undefined,
});
if (!read.ok) {
  process.stderr.write(`${read.message}\n`);
  process.exit(64);
}
const { settings } = read;
new ReconcilerStack(app, {
  settings,
  code: { reconcile: await bundled("reconcile", settings), release: await bundled("release", settings) },
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();

/** The function's bundle with its settings beside it: settings are data of the deployment, not environment variables (4 KB). */
async function bundled(functionName: "reconcile" | "release", baked: ClusterSettings): Promise<Code> {
  const { folder } = await bundleFunction(
    functionName,
    join(import.meta.dirname, "..", "dist", "lambda", baked.id, baked.cluster.name),
  );
  writeFileSync(join(folder, "settings.json"), `${JSON.stringify(baked, null, 2)}\n`);
  return Code.fromAsset(folder);
}
