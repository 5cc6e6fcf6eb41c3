import { access, constants } from "node:fs/promises";
import { join } from "node:path";

/** Paths of the two programs that make a control plane. */
export type ServerPrograms = {
  readonly kubeApiserver: string;
  readonly etcd: string;
};

/** What a place that may have the programs answers: where they are, or why not, in words for the person who asked. */
export type SourceAnswer =
  | { readonly kind: "found"; readonly programs: ServerPrograms }
  | { readonly kind: "absent"; readonly reason: string };

/** The programs in a folder that looks as KUBEBUILDER_ASSETS does; undefined when one of them is missing. */
export async function programsIn(folder: string): Promise<ServerPrograms | undefined> {
  const programs = { kubeApiserver: join(folder, "kube-apiserver"), etcd: join(folder, "etcd") };
  try {
    await Promise.all(Object.values(programs).map((file) => access(file, constants.X_OK)));
    return programs;
  } catch {
    return undefined;
  }
}
