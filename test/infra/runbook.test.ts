/** Whoever is woken by an alarm finds its section, and no section is about an alarm that does not exist. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { aTemplate, EVERYTHING, resourcesOf } from "./a-stack.ts";

const root = join(import.meta.dirname, "..", "..");
const runbook = readFileSync(join(root, "infra", "RUNBOOK.md"), "utf8");
const [, alarmPart = "", procedures = ""] = runbook.split(/^## .*$/m);

function headings(text: string): readonly string[] {
  return [...text.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => heading).sort();
}

/** As GitHub makes an anchor of a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll("'", "").replaceAll(" ", "-");
}

const alarms = Object.values(resourcesOf(aTemplate(EVERYTHING), "AWS::CloudWatch::Alarm"));

describe("the runbook", () => {
  test("has a section for every alarm, and an alarm for every section", () => {
    const linked = alarms.map(
      ({ Properties }) => /infra\/RUNBOOK\.md#(\S+)$/.exec(String(Properties?.["AlarmDescription"]))?.[1],
    );
    expect(linked.sort()).toEqual(headings(alarmPart));
    expect(linked).toHaveLength(16);
  });

  test("is named by the alarm's own name too, with installation and cluster", () => {
    expect(alarms.map(({ Properties }) => Properties?.["AlarmName"]).sort()).toEqual(
      headings(alarmPart).map((heading) => `hostendpoint-reconciler-prod-${heading}`),
    );
  });

  test("links to sections that exist", () => {
    const known = [...headings(alarmPart), ...headings(procedures)].map(anchor);
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(known).toContain(link);
  });

  test("names commands that exist", () => {
    const known = readdirSync(join(root, "functions", "cli", "commands")).map((file) =>
      file.replace(".ts", ""),
    );
    const named = [...runbook.matchAll(/hepctl ([a-z][a-z-]*)/g)].map(([, command = ""]) => command);
    const actions = [...runbook.matchAll(/hepctl invoke ([a-z-]+)/g)].map(([, action = ""]) => action);
    expect(new Set(named).size).toBeGreaterThan(5);
    for (const command of named) expect(known).toContain(command);
    expect(new Set(actions)).toEqual(
      new Set(["confirm-deletes", "doctor", "plan", "release", "rearm", "hooks", "remove-hooks"]),
    );
  });

  test("every alarm tells the topic when it begins and when it is over", () => {
    for (const { Properties } of alarms) {
      expect(Properties?.["AlarmActions"]).toEqual(Properties?.["OKActions"]);
      expect(Properties?.["AlarmActions"]).toHaveLength(1);
    }
  });
});
