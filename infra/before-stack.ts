/**
 * What has to happen before CloudFormation takes lifecycle hooks away, or the function that answers them.
 *
 * In: the command and the settings. Out: nothing; what could not be done is said, with a way to do it.
 * Must never happen: a deployment or a deletion that waits for this step, or fails for it.
 */
import { lifecycleHookNames, releaseFunctionName } from "../lib/names/names.ts";
import type { ClusterSettings } from "./settings.ts";

export type Steps = {
  /** Runs `hepctl` and answers its exit code. */
  readonly hepctl: (...args: readonly string[]) => Promise<number>;
  readonly say: (message: string) => void;
};

/**
 * Deleting a hook abandons the launches that wait on it (docs/aws.md c), and a hook that stays on the group of a managed node group is
 * answered by nobody: so the deployed function answers and removes them first.
 */
export async function letHooksGo(
  command: "deploy" | "destroy",
  { cluster, id }: ClusterSettings,
  file: string,
  { hepctl, say }: Steps,
): Promise<void> {
  const isDeploy = command === "deploy";
  const code = await hepctl(
    ...["invoke", "remove-hooks", "--config", file, "--yes", "--timeout", isDeploy ? "1m" : "2m"],
    ...(isDeploy ? ["--unwanted"] : []),
  );
  if (code === 0) return;
  const name = releaseFunctionName(cluster.name, id);
  if (isDeploy) {
    say(
      `${name} was not asked about hooks that these settings no longer want; before the first deployment there is none.`,
    );
    return;
  }
  const { launch, terminate } = lifecycleHookNames(id);
  const at = `--region ${cluster.region} --auto-scaling-group-name GROUP`;
  say(
    `${name} did not remove every lifecycle hook (exit code ${code}). The stack goes all the same. Hooks that stay on groups of managed ` +
      `node groups are answered by nobody: for each GROUP, and for ${launch} and ${terminate}:\n` +
      `  aws autoscaling complete-lifecycle-action ${at} --lifecycle-hook-name HOOK --lifecycle-action-result CONTINUE --instance-id INSTANCE   # each in Pending:Wait\n` +
      `  aws autoscaling delete-lifecycle-hook ${at} --lifecycle-hook-name HOOK`,
  );
}
