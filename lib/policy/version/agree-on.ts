import type { Verdict } from "../../model/verdict.ts";
import { formatCalicoVersions, type CalicoVersion } from "./calico-version.ts";

type Told = { readonly versions: readonly CalicoVersion[]; readonly verdict: Verdict };

/** The verdict of all readings, newest first: that of the newest when they agree, else `unknown` with what each says. */
export function agreeOn(told: readonly Told[]): Verdict {
  const [newest] = told;
  if (newest === undefined) throw new Error("there is always one reading");
  const fates = new Set(told.map(({ verdict: { verdict, reply } }) => `${verdict} ${reply?.verdict ?? ""}`));
  if (fates.size === 1) return newest.verdict;
  const readings = told.map(({ versions, verdict: { verdict, reason, decidedBy, reply } }) => {
    const stopped = verdict === "allow" && reply !== undefined && reply.verdict !== "allow";
    return {
      calico: formatCalicoVersions(versions),
      ...(stopped
        ? { verdict: reply.verdict, reason: "untracked-reply" as const, decidedBy: reply.decidedBy }
        : { verdict, reason, decidedBy }),
    };
  });
  const summary = readings.map(({ calico, verdict, reason }) => `Calico ${calico}: ${verdict} (${reason})`);
  return {
    verdict: "unknown",
    reason: "calico-version",
    decidedBy: {},
    path: newest.verdict.path.length === 0 ? [] : [...newest.verdict.path, ...summary],
    readings,
  };
}
