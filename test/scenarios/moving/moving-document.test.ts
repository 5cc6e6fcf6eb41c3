/**
 * docs/moving.md, done: every fenced command is run in order against a real API server, and prints what the document says.
 * `MOVING_WRITE=1` writes what was really printed into the document: read the difference before you commit it.
 */
import { beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { ControlPlane } from "../../control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../control-plane/describe-with-control-plane.ts";
import { asDocumented, linesOf, stepsOf, withOutputs } from "../workshop/document.ts";
import { runSteps, type StepResult } from "../workshop/run-steps.ts";
import * as fleets from "./fleets.ts";

const file = join(import.meta.dirname, "..", "..", "..", "docs", "moving.md");
const text = readFileSync(file, "utf8");
const steps = stepsOf(text);
const writes = process.env["MOVING_WRITE"] === "1";

const ENDPOINTS = "/apis/crd.projectcalico.org/v1/hostendpoints";
const CONFIGURATION = "/apis/crd.projectcalico.org/v1/kubecontrollersconfigurations/default";

/** kube-controllers, as far as the page needs it: while it is switched off, what carries its label goes. */
function startControllers({ admin }: ControlPlane): { readonly stop: () => Promise<void> } {
  let stopped = false;
  const work = async () => {
    while (!stopped) {
      const configuration = JSON.stringify(await admin.get(CONFIGURATION));
      if (configuration.includes('"autoCreate":"Disabled"'))
        for (const it of (await admin.list(ENDPOINTS)).items)
          if (JSON.stringify(it.metadata).includes("projectcalico.org/created-by"))
            await admin.remove(`${ENDPOINTS}/${it.metadata.name}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const done = work();
  return {
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

describeWithControlPlane("docs/moving.md", (controlPlane) => {
  let results: readonly StepResult[] = [];
  beforeAll(async () => {
    const names = fleets.nodeNames(2);
    const objects = [
      ...names.map(fleets.aWorker),
      fleets.calicoConfiguration("Enabled"),
      ...fleets.policies,
      ...names.map(fleets.automatic),
      fleets.byHand("node-0007"),
    ];
    await controlPlane().apply(objects.map((it) => ({ ...it, metadata: { ...it.metadata } })));
    const controllers = startControllers(controlPlane());
    try {
      results = await runSteps(steps, await controlPlane().writeKubeconfig());
    } finally {
      await controllers.stop();
    }
    if (writes)
      await writeFile(
        file,
        withOutputs(
          text,
          results.map((it) => (it?.ended === "well" ? it.printed : undefined)),
        ),
      );
  }, 300_000);

  test.each(steps.map((step, index) => ({ ...step, index, title: step.commands.split("\n")[0] })))(
    "line $line: $title",
    ({ index, output }) => {
      const result = results[index];
      if (result === undefined) throw new Error("not run, because an earlier step failed");
      if (result.ended === "badly") throw new Error(`failed, and printed:\n${result.printed}`);
      if (output !== undefined && !writes)
        expect(asDocumented(result.printed, output.lines)).toEqual(linesOf(output.lines.join("\n")));
    },
  );
});
