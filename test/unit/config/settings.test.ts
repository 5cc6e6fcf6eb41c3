import { describe, expect, test } from "@jest/globals";
import { parseSettings } from "../../../lib/config/settings.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";

function problemsOf(value: unknown): readonly string[] {
  const parsed = parseSettings(value, checkSelector);
  return parsed.ok ? [] : parsed.problems;
}

test("nothing at all is a whole configuration", () => {
  const parsed = parseSettings(undefined, checkSelector);
  expect(parsed).toMatchObject({
    ok: true,
    settings: {
      id: "hostendpoint-reconciler",
      stage: "enforce",
      endpoints: [
        { name: "{node}", nodes: "all()", interface: "*", profiles: ["projectcalico-default-allow"] },
      ],
      limits: { deletes: 10, deleteShare: 0.2, concurrency: 16 },
    },
  });
});

describe("every mistake is named with its path", () => {
  test.each<[string, unknown, RegExp]>([
    ["unknown key", { endpoint: [] }, /^endpoint: unknown key, did you mean endpoints\?$/],
    [
      "unknown key, deep",
      { endpoints: [{ labels: { includes: [] } }] },
      /^endpoints\[0\]\.labels\.includes: unknown key, did you mean include\?$/,
    ],
    ["wrong type", { limits: { deletes: "ten" } }, /^limits\.deletes: .*number/],
    ["unknown stage", { stage: "production" }, /^stage: .*observe/],
    [
      "two templates of one name",
      { endpoints: [{}, { interface: "eth0" }] },
      /^endpoints\[1\]\.name: .*endpoints\[0\]/,
    ],
    [
      "a name without {node}",
      { endpoints: [{ name: "all" }] },
      /^endpoints\[0\]\.name: must contain \{node\}/,
    ],
    [
      "an invalid selector, with its position",
      { endpoints: [{ nodes: "role = 'x'" }] },
      /^endpoints\[0\]\.nodes: .*character 6/,
    ],
    [
      "an interface name over 15 characters",
      { endpoints: [{ interface: "a".repeat(16) }] },
      /^endpoints\[0\]\.interface: .*15/,
    ],
    [
      "a broken regular expression",
      { endpoints: [{ labels: { include: ["("] } }] },
      /include\[0\]: not a regular expression/,
    ],
    ["a CIDR that is none", { endpoints: [{ cidrs: ["10.0.0.0"] }] }, /^endpoints\[0\]\.cidrs\[0\]: .*CIDR/],
    [
      "an account as a number",
      { cluster: { name: "a", region: "eu-west-1", account: 111122223333 } },
      /^cluster\.account: an AWS account id: 12 digits, in quotes \("012345678901"\): YAML/,
    ],
    ["a schedule that is none", { schedule: "5 minutes" }, /^schedule: .*rate\(5 minutes\)/],
    ["no endpoints", { endpoints: [] }, /^endpoints: needs at least one entry/],
    ["a list instead of settings", [], /^settings: /],
  ])("%s", (_, value, expected) => {
    const problems = problemsOf(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test("all of them at once", () => {
    expect(problemsOf({ a: 1, stage: "x", schedule: "y" })).toHaveLength(3);
    // Selectors too, whatever else is wrong, and however strange the rest is.
    expect(
      problemsOf({ stage: "x", endpoints: [{ nodes: "a = 'b'" }, 7], essentialFlows: "none" }).map(
        (it) => it.split(":")[0],
      ),
    ).toEqual(["stage", "endpoints[1]", "essentialFlows", "endpoints[0].nodes"]);
  });
});
