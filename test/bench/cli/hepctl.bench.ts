/**
 * How long a person waits: `hepctl --help` against a bare Node that does nothing, and `hepctl plan` over ten nodes of a real
 * API server against a bare process that only imports KubeConfig from the unbundled client library. Best of many, in turns.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rbacObjects } from "../../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../../lib/names/names.ts";
import { someNodeObjects } from "../../builders/a-node.ts";
import { startControlPlane } from "../../control-plane/control-plane.ts";
import { report } from "../bench-row.ts";

const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));
const hepctl = join(projectRoot, "functions/cli/hepctl.mjs");
const rounds = 12;

const nothing = ["-e", "0"];
const help = [hepctl, "--help"];
const clientLibrary = [
  "--input-type=module",
  "-e",
  'import { KubeConfig } from "@kubernetes/client-node"; new KubeConfig();',
];

/** Milliseconds of one process from its start to its end. */
function timeOf(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: projectRoot, encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

/** Best times of both, which take turns; once before, so that bundles and file caches are warm. */
function race(ours: readonly string[], theirs: readonly string[]): readonly [number, number] {
  timeOf(ours);
  timeOf(theirs);
  const times = Array.from({ length: rounds }, () => [timeOf(ours), timeOf(theirs)] as const);
  return [Math.min(...times.map(([it]) => it)), Math.min(...times.map(([, it]) => it))];
}

function compare(work: string, times: readonly [number, number], most: number): void {
  const [ours, theirs] = times;
  report({
    work,
    measured: `${(ours / theirs).toFixed(2)} (${ours.toFixed(0)} ms to ${theirs.toFixed(0)} ms)`,
    bound: `at most ${most}`,
    kept: ours <= most * theirs,
  });
}

const controlPlane = await startControlPlane({
  users: [{ name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] }],
});
await controlPlane.apply(rbacObjects());
await controlPlane.apply(someNodeObjects(10).map((it) => ({ ...it, metadata: { ...it.metadata } })));
const plan = [hepctl, "plan", "--kubeconfig", await controlPlane.writeKubeconfig(KUBERNETES_USER)];

compare("hepctl --help, to node -e 0", race(help, nothing), 4);
compare("hepctl plan on 10 nodes, to importing KubeConfig unbundled", race(plan, clientLibrary), 1);
await controlPlane.stop();
