/** Bad arguments, variables and settings: one line that says what and how, exit code 64, and no cluster is asked. */
import { describe, expect, test } from "@jest/globals";
import { onlyLine, runHepctl, settingsFile } from "./run-hepctl.ts";

describe("arguments", () => {
  test.each<[string, readonly string[], RegExp]>([
    ["an unknown command", ["pln"], /unknown command 'pln' \(Did you mean plan\?\)/],
    [
      "an unknown option",
      ["plan", "--nod", "x"],
      /unknown option '--nod' \(Did you mean --node\?\); run "hepctl plan --help"/,
    ],
    ["an option without its value", ["plan", "--node"], /option '--node <name>' argument missing/],
    [
      "a value that is no choice",
      ["plan", "-o", "xml"],
      /argument 'xml' is invalid\. Allowed choices are table, json, yaml/,
    ],
    ["too many words", ["plan", "node1"], /too many arguments/],
    ["a missing word", ["explain"], /missing required argument 'name'/],
    [
      "a node name that cannot be",
      ["plan", "--node", "Node_1"],
      /--node "Node_1" cannot be the name of a Node/,
    ],
    ["a pause that is none", ["reconcile", "--every", "soon"], /--every: "soon" is no duration.*30s/],
    ["a pause of nothing", ["reconcile", "--every", "0s"], /--every: "0s" is no duration/],
    [
      "a time limit without a unit that exists",
      ["plan", "--timeout", "5d"],
      /--timeout: "5d" is no duration/,
    ],
    [
      "two clusters",
      ["plan", "--cluster", "prod", "--context", "x"],
      /--cluster and --kubeconfig\/--context name two clusters/,
    ],
    [
      "a cluster without a region",
      ["plan", "--cluster", "prod"],
      /region of cluster prod is not known; add --region/,
    ],
    ["invoke of nobody", ["invoke", "plan"], /which cluster's function\? add --cluster/],
    ["an empty value", ["plan", "--context", ""], /--context is empty/],
  ])("%s", async (_what, args, message) => {
    const { code, stdout, stderr } = await runHepctl(args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(onlyLine(stderr)).toMatch(message);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "SCAN_INTERVAL_SECONDS",
      { SCAN_INTERVAL_SECONDS: "9" },
      /SCAN_INTERVAL_SECONDS is "9"; it must be .* at least 10/,
    ],
    ["LOG_LEVEL", { LOG_LEVEL: "LOUD" }, /LOG_LEVEL is "LOUD"; it must be one of/],
    [
      "NODE_LABELS_INCLUDE_REGEX",
      { NODE_LABELS_INCLUDE_REGEX: "(" },
      /NODE_LABELS_INCLUDE_REGEX is no regular expression/,
    ],
    ["OPERATOR_ID", { OPERATOR_ID: "///" }, /OPERATOR_ID is "\/\/\/"/],
  ])("a wrong %s in the environment is named", async (_what, environment, message) => {
    const { code, stderr } = await runHepctl(["plan"], { environment });
    expect(code).toBe(64);
    expect(onlyLine(stderr)).toMatch(message);
  });
});

describe("settings", () => {
  test.each<[string, string, RegExp]>([
    ["an unknown key", "stages: enforce", /stages: unknown key/],
    [
      "an unknown key deep inside",
      "endpoints: [{labels: {includes: []}}]",
      /endpoints\[0\]\.labels\.includes: unknown key/,
    ],
    ["a wrong type", "limits: {deletes: many}", /limits\.deletes: /],
    ["several problems, all named", "stage: x\nfoo: 1", /(?=.*foo: unknown key)(?=.*stage: )/],
    [
      "two templates with one name",
      "endpoints: [{}, {interface: eth0}]",
      /endpoints\[1\]\.name: "\{node\}" is also the name of endpoints\[0\]/,
    ],
    ["a name without {node}", "endpoints: [{name: all}]", /endpoints\[0\]\.name: must contain \{node\}/],
    [
      "an invalid selector, with its position",
      "endpoints: [{nodes: \"role = 'x'\"}]",
      /endpoints\[0\]\.nodes: .*(position|character|column) \d+/,
    ],
    [
      "an interface name that is too long",
      "endpoints: [{interface: abcdefghijklmnop}]",
      /endpoints\[0\]\.interface: .*15 characters/,
    ],
    ["a CIDR that is none", "endpoints: [{cidrs: [10.0.0.0]}]", /endpoints\[0\]\.cidrs\[0\]: .*CIDR/],
    [
      "a regular expression that is none",
      "endpoints: [{labels: {include: ['(']}}]",
      /endpoints\[0\]\.labels\.include\[0\]: not a regular expression/,
    ],
    ["YAML that breaks off", "endpoints: [{", /cluster\.yaml:\d+:\d+: /],
    ["a list where a map belongs", "- a", /settings: /],
  ])("%s", async (_what, text, message) => {
    const file = await settingsFile(text);
    const { code, stdout, stderr } = await runHepctl(["reconcile", "--yes", "--config", file]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(onlyLine(stderr)).toMatch(message);
    expect(stderr).toContain(file);
  });

  test("a file that is not there", async () => {
    const { code, stderr } = await runHepctl(["plan", "--config", "/no/such.yaml"]);
    expect(code).toBe(64);
    expect(onlyLine(stderr)).toMatch(/--config \/no\/such\.yaml: there is no such file/);
  });
});
