/** What the demo prints: a heading for each step, and what changed in the cluster since the last look. */
import picocolors from "picocolors";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { ControlPlane } from "../../../test/control-plane/control-plane.ts";

const HOST_ENDPOINTS = "/apis/crd.projectcalico.org/v1/hostendpoints";

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function heading(number: number, text: string): void {
  say(`\n${picocolors.bold(`${number}. ${text}`)}`);
}

/** Looks at the HostEndpoints on the API server and tells what is new, changed and gone since the last call. */
export function watcher(controlPlane: ControlPlane): () => Promise<void> {
  let before = new Map<string, string>();
  return async () => {
    const { items } = await controlPlane.admin.list(HOST_ENDPOINTS);
    const now = new Map(items.map((it) => [it.metadata.name, describe(it as KubernetesObject)]));
    const names = [...new Set([...before.keys(), ...now.keys()])].sort();
    const lines = names.flatMap((name) => {
      const [old, fresh] = [before.get(name), now.get(name)];
      if (old === fresh) return [];
      if (fresh === undefined) return [picocolors.red(`   - ${name}`)];
      return [
        old === undefined
          ? picocolors.green(`   + ${name}  ${fresh}`)
          : picocolors.yellow(`   ~ ${name}  ${fresh}`),
      ];
    });
    say(lines.length === 0 ? "   no HostEndpoint changed" : lines.join("\n"));
    before = now;
  };
}

function describe(object: KubernetesObject): string {
  const labels = object.metadata.labels ?? {};
  const role = labels["role"] === undefined ? "" : ` role=${labels["role"]}`;
  const addresses = object.spec?.["expectedIPs"];
  return `${Array.isArray(addresses) ? addresses.join(",") : ""} ${labels["eks.amazonaws.com/nodegroup"] ?? ""}${role}`;
}
