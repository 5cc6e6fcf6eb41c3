import { baseline } from "../../../lib/baseline/baseline.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { takeSnapshot } from "../../../lib/snapshot/take-snapshot.ts";
import { clock } from "../../shared/compose-cli.ts";
import { versioned } from "../../shared/versioned.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { withReader } from "./with-reader.ts";

export async function runBaseline(invocation: Invocation, context: CliContext): Promise<void> {
  const { out, err } = context.terminal;
  const objects = await withReader(invocation, context, async ({ settings, deadline, ...ports }) =>
    baseline(
      await takeSnapshot(
        { scope: { kind: "cluster" }, namePatterns: [], allAddresses: true },
        { ...ports, clock },
        deadline(),
      ),
      settings,
    ),
  );
  if (objects.length === 0)
    err.write("note: nothing is lacking: every essential flow stays open, even under default deny\n");
  if (invocation.global.output === "json") {
    out.write(`${JSON.stringify(versioned({ apiVersion: "v1", kind: "List", items: objects }), null, 2)}\n`);
    return;
  }
  const { stringify } = await import("../output/yaml-text.ts");
  out.write(
    objects
      .map((it) => `---\n${explain(it)}${stringify(it, { lineWidth: 0, aliasDuplicateObjects: false })}`)
      .join(""),
  );
}

function explain({ kind }: KubernetesObject): string {
  switch (kind) {
    case "FelixConfiguration":
      return "# Failsafes: ports that stay open whatever policies say. A list replaces the one before it, so these hold your entries too.\n";
    case "Tier":
      return "# A tier that is asked first and passes on what its policies do not allow.\n";
    default:
      return "# Allows the essential flows of our HostEndpoints, denies nothing, selects no pods.\n";
  }
}
