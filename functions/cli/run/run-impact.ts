import { applyProposal } from "../../../lib/impact/apply-proposal.ts";
import { impactOf } from "../../../lib/impact/impact-of.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import type { Impact } from "../../../lib/model/impact.ts";
import { takeSnapshot } from "../../../lib/snapshot/take-snapshot.ts";
import type { ApplyWay } from "../../../lib/world/complete-manifest.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { parseObjectName, readProposal } from "../input/read-proposal.ts";
import { formatImpact } from "../output/impact/format-impact.ts";
import { impactAsJunit } from "../output/impact/impact-as-junit.ts";
import { impactAsMarkdown } from "../output/impact/impact-as-markdown.ts";
import { impactAsSarif } from "../output/impact/impact-as-sarif.ts";
import { printResult } from "../output/print-result.ts";
import { withReader } from "./with-reader.ts";

/** Compares before and after, prints what changes, and answers it. */
export async function runImpact(invocation: Invocation, context: CliContext): Promise<Impact> {
  const [files, directories] = [invocation.list("filename"), invocation.list("recursive")];
  const deletes = invocation.list("delete").map(parseObjectName);
  const staged = invocation.flag("staged");
  if (files.length + directories.length + deletes.length === 0 && !staged)
    throw new UsageError("impact needs a change to look at: -f FILE, -R DIR, --delete KIND/NAME or --staged");
  if (files.includes("-") && invocation.list("world").includes("-"))
    throw new UsageError("-f - and --world - both read stdin; give one of them a file");
  const proposal = await readProposal(files, directories, invocation.flag("lenient"));
  const impact = await withReader(
    invocation,
    context,
    async ({ settings, deadline, fileFindings, ...ports }) => {
      const request = { scope: { kind: "cluster" }, namePatterns: [], allAddresses: true } as const;
      const before = await takeSnapshot(request, { ...ports, clock }, deadline());
      const listed = staged
        ? await ports.cluster.listObjects(
            { groupVersion: before.group, resource: "stagedglobalnetworkpolicies" },
            deadline(),
          )
        : undefined;
      const { after, findings } = applyProposal(before, {
        files: proposal.files,
        deletes,
        applyWay: applyWayOf(invocation.text("as"), before.group),
        ...(listed === undefined ? {} : { staged: listed }),
      });
      return impactOf({ before, after, settings, findings });
    },
  );
  const { out } = context.terminal;
  switch (invocation.global.output) {
    case "markdown":
      out.write(`${impactAsMarkdown(impact)}\n`);
      break;
    case "junit":
      out.write(`${impactAsJunit(impact, proposal.places)}\n`);
      break;
    case "sarif":
      out.write(`${JSON.stringify(impactAsSarif(impact, proposal.places), null, 2)}\n`);
      break;
    default:
      await printResult(impact, invocation.global.output, out, formatImpact);
  }
  return impact;
}

/** kubectl reaches v3 either through v3's own admission, or, where v1 is stored, through Calico's API server, which does as calicoctl. */
function applyWayOf(program: string | undefined, group: string): ApplyWay {
  if (program === undefined) return "unknown";
  return program === "kubectl" && group === "projectcalico.org/v3" ? "v3-admission" : "calicoctl";
}
