import { programsIn, type SourceAnswer } from "./server-programs.ts";

/**
 * The programs in `$KUBEBUILDER_ASSETS`, as envtest and its users set it. Throws when it is set and does not hold them:
 * somebody who names a folder wants that one, not a silent replacement.
 */
export async function fromAssets(folder: string | undefined): Promise<SourceAnswer> {
  if (folder === undefined || folder === "")
    return { kind: "absent", reason: "KUBEBUILDER_ASSETS is not set" };
  const programs = await programsIn(folder);
  if (programs !== undefined) return { kind: "found", programs };
  throw new Error(
    `KUBEBUILDER_ASSETS is ${folder}, which has no executable kube-apiserver and etcd. ` +
      "Point it at a folder that has both (setup-envtest prints one), or unset it.",
  );
}
