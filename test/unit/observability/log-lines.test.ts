import { describe, expect, test } from "@jest/globals";
import { DeniedError, ThrottledError, UnreachableError } from "../../../lib/model/errors.ts";
import { createLogger } from "../../../lib/observability/create-logger.ts";
import { describeError } from "../../../lib/observability/describe-error.ts";
import { metricsLines } from "../../../lib/observability/metrics-line.ts";
import { scrub } from "../../../lib/model/clean-text.ts";

describe("createLogger", () => {
  test("one JSON line with the keys of Lambda's own format", () => {
    const lines: string[] = [];
    const log = createLogger("info", { function: "reconcile" }, (line) => lines.push(line)).child({
      requestId: "r1",
    });
    log.debug({}, "not said");
    log.warn({ count: 2 }, "said");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "WARN",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      function: "reconcile",
      requestId: "r1",
      count: 2,
      message: "said",
    });
  });

  test("no secret leaves, wherever it is", () => {
    const lines: string[] = [];
    const log = createLogger("info", {}, (line) => lines.push(line));
    const token = `k8s-aws-v1.${"aHR0cHM6Ly9zdHMu".repeat(20)}`;
    log.info(
      {
        token,
        nested: { token, headers: { Authorization: `Bearer ${token}` } },
        detail: `sent ${token} there`,
      },
      token,
    );
    log.info({ url: "https://sts/?X-Amz-Security-Token=FwoGZXIvYXdz&X-Amz-Signature=c828ea&Action=x" }, "x");
    log.info(
      { body: JSON.stringify({ authorization: "Basic dXNlcjpwYXNzd29yZA==", sessionToken: "FwoGZXIvYXdz" }) },
      "x",
    );
    const text = lines.join("");
    for (const secret of ["aHR0cHM6", "FwoGZXIvYXdz", "c828ea", "dXNlcjpw"])
      expect(text).not.toContain(secret);
    expect(text).toContain("Action=x");
  });
});

test("scrub leaves ordinary text alone", () => {
  const text = 'node "ip-10-0-1-5" got a token bucket; lifecycle token 71514b9d; authorization failed';
  expect(scrub(text)).toBe(text);
});

describe("describeError", () => {
  test("the words of our errors, the codes of their causes, never the causes' sentences", () => {
    const cause = Object.assign(new Error("Bearer abc"), { code: "ECONNREFUSED" });
    expect(describeError(new UnreachableError("list nodes: refused", "tcp", { cause }))).toEqual({
      error: "UnreachableError",
      detail: "list nodes: refused",
      layer: "tcp",
      causes: ["Error ECONNREFUSED"],
    });
    expect(describeError(new DeniedError("no", 403))).toMatchObject({ status: 403 });
    expect(describeError(new ThrottledError("later", 7))).toMatchObject({ retryAfterSeconds: 7 });
    expect(describeError("text")).toEqual({ error: "not-an-error", detail: "text" });
    expect(describeError(new TypeError("a bug"))).toMatchObject({
      error: "TypeError",
      stack: expect.any(String),
    });
  });
});

describe("metricsLines", () => {
  test("the embedded metric format: what was measured, and nothing else", () => {
    const [line = "", ...more] = metricsLines(
      { cluster: "prod", id: "one" },
      { Nodes: 3, RunMilliseconds: 12.5, TimeToProtectSeconds: [1, 2] },
      1000,
    );
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toEqual({
      _aws: {
        Timestamp: 1000,
        CloudWatchMetrics: [
          {
            Namespace: "HostEndpointReconciler",
            Dimensions: [["Cluster"], ["Cluster", "Id"]],
            Metrics: [
              { Name: "Nodes", Unit: "Count" },
              { Name: "RunMilliseconds", Unit: "Milliseconds" },
              { Name: "TimeToProtectSeconds", Unit: "Seconds" },
            ],
          },
        ],
      },
      Cluster: "prod",
      Id: "one",
      Nodes: 3,
      RunMilliseconds: 12.5,
      TimeToProtectSeconds: [1, 2],
    });
  });

  test("at most a hundred values to a line; the single ones are said once", () => {
    const lines = metricsLines(
      { cluster: "prod", id: "one" },
      { Created: 250, TimeToProtectSeconds: Array.from({ length: 250 }, (_, it) => it) },
      0,
    );
    const parsed = lines.map(
      (it) =>
        JSON.parse(it) as { readonly Created?: number; readonly TimeToProtectSeconds: readonly number[] },
    );
    expect(parsed.map((it) => it.TimeToProtectSeconds.length)).toEqual([100, 100, 50]);
    expect(parsed.map((it) => it.Created)).toEqual([250, undefined, undefined]);
  });

  test("nothing measured, nothing said", () => {
    expect(metricsLines({ cluster: "prod", id: "one" }, { TimeToProtectSeconds: [] }, 0)).toEqual([]);
  });
});
