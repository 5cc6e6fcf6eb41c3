/**
 * docs/workshop.md, done: every fenced command is run in order against a real API server, and prints what the document says.
 *
 * kubectl is the stand-in of this folder; the simulator stands for the packets. `WORKSHOP_WRITE=1` writes what was really
 * printed into the document instead of comparing: read the difference before you commit it.
 */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  describeWhereControlPlaneRuns,
  describeWithControlPlane,
} from "../control-plane/describe-with-control-plane.ts";
import { prepareCluster } from "./workshop/cluster.ts";
import { asDocumented, linesOf, stepsOf, withOutputs } from "./workshop/document.ts";
import { runSteps, type StepResult } from "./workshop/run-steps.ts";

const documentFile = join(import.meta.dirname, "..", "..", "docs", "workshop.md");
const text = readFileSync(documentFile, "utf8");
const steps = stepsOf(text);

describeWithControlPlane(
  "docs/workshop.md",
  (controlPlane) => {
    let results: readonly StepResult[] = [];
    beforeAll(async () => {
      await prepareCluster(controlPlane());
      results = await runSteps(steps, await controlPlane().writeKubeconfig());
      if (process.env["WORKSHOP_WRITE"] !== "1") return;
      const printed = results.map((it) => (it?.ended === "well" ? it.printed : undefined));
      await writeFile(documentFile, withOutputs(text, printed));
    }, 300_000);

    test.each(steps.map((step, index) => ({ ...step, index, title: step.commands.split("\n")[0] })))(
      "line $line: $title",
      ({ index, output }) => {
        const result = results[index];
        if (result === undefined) {
          const failed = steps[results.findIndex((it) => it?.ended === "badly")];
          throw new Error(`not run, because the step at line ${failed?.line} failed`);
        }
        if (result.ended === "badly") throw new Error(`failed, and printed:\n${result.printed}`);
        if (output !== undefined && process.env["WORKSHOP_WRITE"] !== "1")
          expect(asDocumented(result.printed, output.lines)).toEqual(linesOf(output.lines.join("\n")));
      },
    );

    test("the block follows the label, whatever the words are in which that is told", () => {
      const printed = results.map((it) => it?.printed ?? "").join("");
      const verdicts = (flow: string) =>
        [...printed.matchAll(new RegExp(`^${flow} +(allow|deny|unknown) `, "gm"))].map((it) => it[1]);
      // Opened, policy without label, node1 labelled, label moved, reconciled, and the proposal from a file.
      const [open, shut] = ["allow", "deny"];
      expect(verdicts("node1-from-outside")).toEqual([open, open, shut, shut, open, shut]);
      expect(verdicts("node2-from-outside")).toEqual([open, open, open, open, shut, shut]);
      expect(verdicts("node1-from-inside")).toEqual([open, open, open, open, open, shut]);
      expect(verdicts("node1-kubelet")).toEqual([open, open, open, open, open, shut]);
      expect(verdicts("node1-ssh")).toEqual([open, open, open, open, open, open]);
    });

    test("leaves nothing behind", async () => {
      const { admin } = controlPlane();
      const left = await Promise.all(
        ["hostendpoints", "globalnetworkpolicies"].map((it) =>
          admin.list(`/apis/projectcalico.org/v3/${it}`),
        ),
      );
      expect(left.flatMap(({ items }) => items)).toEqual([]);
      const { items } = await admin.list("/api/v1/nodes");
      expect(items.filter(({ metadata }) => JSON.stringify(metadata).includes("host-end-point"))).toEqual([]);
    });
  },
  { definitions: "v3" },
);

describeWhereControlPlaneRuns("the playground", () => {
  test("is a shell in which the page's commands work, started by the page's command", async () => {
    const file = new URL("workshop/playground.ts", import.meta.url);
    const runner = new URL("../../functions/local/run.mjs", import.meta.url);
    expect(text).toContain("`node functions/local/run.mjs test/scenarios/workshop/playground.ts`");
    const child = promisify(execFile)(process.execPath, [fileURLToPath(runner), fileURLToPath(file)]);
    child.child.stdin?.end("kubectl get nodes -o name\nkubectl exec web\necho $?\n");
    const { stdout, stderr } = await child;
    expect(stdout).toBe("node/node1\nnode/node2\n64\n");
    expect(stderr).toMatch(/does not know: exec web/);
  });
});

describe("a document that is wrong", () => {
  const fence = "```";
  const block = (language: string, content: string) => `${fence}${language}\n${content}\n${fence}\n`;
  const run = (...commands: readonly string[]) =>
    runSteps(stepsOf(commands.map((it) => block("sh", it)).join("\n")), "/nowhere");

  test.each([
    ["a word that the shell does not know", "hepctll plan", /hepctll: command not found/],
    ["a command that hepctl does not know", "npm run --silent hepctl -- recnocile", /recnocile/],
    [
      "a verb that the stand-in does not know",
      "kubectl rollout status deployment/web",
      /does not know: rollout/,
    ],
    ["an option that the stand-in does not know", "kubectl apply -f x.yaml --force", /does not know: apply/],
    ["a pipe whose first half fails", "kubectl rollout | cat", /does not know/],
    ["a quote that is left open", "echo 'this", /unexpected EOF/],
  ])("%s fails, and nothing runs after it", async (_, command, message) => {
    const [before, broken, after] = await run("greeting=hello", command, "echo $greeting");
    expect(before).toEqual({ ended: "well", printed: "" });
    expect(broken).toMatchObject({ ended: "badly", printed: expect.stringMatching(message) as unknown });
    expect(after).toBeUndefined();
  });

  test("a step knows what the steps before it set", async () => {
    const [, second] = await run("greeting=hello; greet() { echo $greeting $1; }", "greet you");
    expect(second).toEqual({ ended: "well", printed: "hello you\n" });
  });

  test("other output is not the documented one; blanks at line ends, what ... leaves out, and UIDs do not count", () => {
    expect(asDocumented("a\nb\n", ["a", "c"])).toEqual(["a", "b"]);
    expect(asDocumented("a\nb\n", ["a"])).toEqual(["a", "b"]);
    expect(asDocumented("a  \nb\n\n", ["a", "b"])).toEqual(["a", "b"]);
    const [uid, other] = ["ba33f1c9-3e22-4d31-96dc-f4fa47e6c521", "08883f75-573f-48b5-9267-8e32b1fb8f33"];
    expect(asDocumented(`uid: ${uid}`, [`uid: ${other}`])).toEqual([`uid: ${other}`]);
    expect(asDocumented("a\nb\nc\nd\n", ["a", "...", "d"])).toEqual(["a", "...", "d"]);
    expect(asDocumented("a\nb\nc\n", ["...", "b"])).toEqual(["a", "b", "c"]);
  });

  test.each([
    ["a block that nobody would run", block("bash", "rm -rf /"), /line 1: .*not "bash"/],
    ["output of no command", block("text", "hello"), /no command before/],
    ["a block that is not closed", `${fence}sh\nkubectl`, /not closed/],
  ])("%s is refused", (_, document, message) => {
    expect(() => stepsOf(document)).toThrow(message);
  });

  test("what was really printed can be written into it", () => {
    const document =
      block("sh", "echo a") + block("text", "b") + block("sh", "seq 3") + block("text", "1\n...");
    expect(withOutputs(document, ["a\n", "1\n2\n3\n"])).toBe(document.replace("\nb\n", "\na\n"));
  });
});
