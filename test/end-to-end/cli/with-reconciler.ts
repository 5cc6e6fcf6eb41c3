import { beforeAll, beforeEach } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { KUBERNETES_GROUP } from "../../../lib/names/names.ts";
import type { AnyObject } from "../../control-plane/admin-client.ts";
import type { ControlPlane, ControlPlaneOptions } from "../../control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../control-plane/describe-with-control-plane.ts";
import { runHepctl, type Ran, type RunOptions } from "./run-hepctl.ts";

export type ReconcilerWorld = {
  readonly controlPlane: () => ControlPlane;
  /** Path of the kubeconfig of a user who may do exactly what `hepctl rbac` prints. */
  readonly kubeconfig: () => string;
  /** `hepctl ARGS --kubeconfig …` as that user. */
  readonly hepctl: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
  readonly hostEndpoints: () => Promise<readonly AnyObject[]>;
};

const user = "the-reconciler";

/** `describe` on a real API server, empty before each test, with RBAC as `hepctl rbac` prints it. */
export function describeWithReconciler(
  name: string,
  tests: (world: ReconcilerWorld) => void,
  options: ControlPlaneOptions = {},
): void {
  describeWithControlPlane(
    name,
    (controlPlane) => {
      let kubeconfig = "";
      const world: ReconcilerWorld = {
        controlPlane,
        kubeconfig: () => kubeconfig,
        hepctl: (args, runOptions) => runHepctl([...args, "--kubeconfig", kubeconfig], runOptions),
        hostEndpoints: async () =>
          (await controlPlane().admin.list("/apis/crd.projectcalico.org/v1/hostendpoints")).items,
      };
      beforeAll(async () => {
        const printed = await runHepctl(["rbac"]);
        await controlPlane().apply(documentsOf(printed.stdout));
        kubeconfig = await controlPlane().writeKubeconfig(user);
      }, 60_000);
      beforeEach(() => controlPlane().resetObjects());
      tests(world);
    },
    { ...options, users: [...(options.users ?? []), { name: user, groups: [KUBERNETES_GROUP] }] },
  );
}

/** The objects of a multi-document YAML text. */
export function documentsOf(text: string): readonly AnyObject[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.map((it) => {
    const [error] = it.errors;
    if (error !== undefined) throw error;
    return it.toJS() as AnyObject;
  });
}
