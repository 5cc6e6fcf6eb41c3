/**
 * Offline verdicts: what Calico does to flows in a world of files.
 *
 * In: a prepared world, flows. Out: one answer for each flow, in their order, in the shape of docs/output.md.
 */
import type { Flow } from "../model/flow.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { Verdict } from "../model/verdict.ts";
import { explainRefusals } from "../policy/validation/explain-refusals.ts";
import { calicoVersionsIn } from "../policy/version/versions-in.ts";
import { verdictFor } from "../policy/verdict.ts";
import type { CompileOptions } from "../policy/world/compile-policies.ts";
import type { World } from "../policy/world/world.ts";
import { settleFiles, type FileObjects } from "../world/settle-files.ts";
import { unusedBecause } from "../world/unused-object.ts";
import { worldOfFiles } from "../world/world-of.ts";

export type SimulatedFlow = { readonly id: string } & Verdict;
/** An answer, and what the author of the flow expects; absent: nothing. */
export type JudgedAnswer = SimulatedFlow & { readonly expected?: SimulatedFlow["verdict"] };

export type PreparedWorld = { readonly world: World; readonly notes: readonly string[] };

/**
 * Compiles the objects of one or several files. Files that show an installation of Calico (its DaemonSet, ClusterInformation) are
 * read as its versions read them; files that do not describe no cluster, and the newest state of Calico reads them. Each note is
 * one line about something that does not count, or was assumed.
 */
export function prepareWorld(
  objects: readonly KubernetesObject[] | FileObjects,
  options: CompileOptions = {},
): PreparedWorld {
  const settled = "objects" in objects ? objects : settleFiles([objects]);
  const others = Map.groupBy(
    settled.objects.filter((it) => unusedBecause(it)?.kind === "other-kind"),
    (it) => `${it.apiVersion} ${it.kind}`,
  );
  const world = worldOfFiles(settled, options);
  return {
    world,
    notes: [
      ...[...others].map(
        ([kind, found]) =>
          `ignored: ${found.length} of ${kind}, which does not decide about host traffic here`,
      ),
      ...explainRefusals(settled.objects, calicoVersionsIn(settled.objects)),
      ...settled.findings.map(({ object, message, fix }) =>
        fix === "" ? `${object}: ${message}` : `${object}: ${message}; ${fix}`,
      ),
      ...world.notes.map((it) => `${it.object}: ${it.message}`),
    ],
  };
}

/** `path`: tell every step of every decision, which costs time. Flows without an id are numbered. */
export function simulate(
  world: World,
  flows: readonly Flow[],
  options: { readonly path: boolean },
): readonly SimulatedFlow[] {
  return flows.map((flow, index) => ({
    id: flow.id ?? `flow-${index + 1}`,
    ...verdictFor(world, flow, options),
  }));
}
