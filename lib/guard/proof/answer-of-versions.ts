import { agreeOn } from "../../policy/version/agree-on.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import type { World } from "../../policy/world/world.ts";
import type { Answer } from "./answer-probe.ts";

/** One answer of those that the versions of Calico give: theirs when they agree, else `unknown` with what each says. */
export function answerOfVersions(answers: readonly Answer[], world: World | undefined): Answer {
  const [newest] = answers;
  if (newest === undefined || world === undefined)
    return {
      outcome: "allow",
      verdict: { verdict: "allow", reason: "not-governed", decidedBy: {}, path: [] },
    };
  if (answers.length === 1) return newest;
  const readings = everyReading(world);
  const verdict = agreeOn(
    answers.map((it, index) => ({ versions: readings[index]?.policies.versions ?? [], verdict: it.verdict })),
  );
  return verdict === newest.verdict ? newest : { outcome: verdict.verdict, verdict };
}
