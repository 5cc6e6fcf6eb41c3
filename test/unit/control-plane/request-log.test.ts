import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestLog, type RequestLog } from "../../control-plane/request-log.ts";

let folder: string;
let file: string;
let log: RequestLog;
let ids = 0;

type Event = Readonly<Record<string, unknown>>;

function event(user: string, verb: string, uri: string, more: Event = {}): string {
  ids += 1;
  const audit = {
    auditID: String(ids),
    stage: "ResponseComplete",
    verb,
    requestURI: uri,
    user: { username: user },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: "2026-11-22T10:00:00.000000Z",
    stageTimestamp: "2026-11-22T10:00:00.250000Z",
    ...more,
  };
  return `${JSON.stringify(audit)}\n`;
}

const nodes = { objectRef: { resource: "nodes" } };
const listNodes = (user = "reconciler", more: Event = {}): string =>
  event(user, "list", "/api/v1/nodes", { ...nodes, ...more });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "request-log-test-"));
  file = join(folder, "audit.log");
  await writeFile(file, "");
  log = requestLog(file, "admin", (uri) => appendFile(file, event("admin", "get", uri)));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the request log", () => {
  test("tells what an audit line says, and not its own marker", async () => {
    await appendFile(
      file,
      event("reconciler", "update", "/apis/crd.projectcalico.org/v1/hostendpoints/n1/status", {
        objectRef: {
          resource: "hostendpoints",
          subresource: "status",
          apiGroup: "crd.projectcalico.org",
          name: "n1",
        },
        userAgent: "hepctl",
        responseStatus: { code: 409 },
      }),
    );
    expect(await log.list()).toEqual([
      {
        verb: "update",
        resource: "hostendpoints/status",
        group: "crd.projectcalico.org",
        name: "n1",
        namespace: "",
        uri: "/apis/crd.projectcalico.org/v1/hostendpoints/n1/status",
        user: "reconciler",
        userAgent: "hepctl",
        status: 409,
        milliseconds: 250,
      },
    ]);
    expect(await log.list({ user: "admin" })).toEqual([]);
  });

  test("counts by verb and resource; what is no resource by its path without the query", async () => {
    await appendFile(
      file,
      listNodes() + listNodes() + event("reconciler", "get", "/apis?timeout=5s") + listNodes("admin"),
    );
    expect(await log.count()).toEqual({ "get /apis": 1, "list nodes": 2 });
    expect(await log.count({ user: "admin" })).toEqual({ "list nodes": 1 });
    expect(await log.count({ verb: "get" })).toEqual({ "get /apis": 1 });
    expect(await log.count({ resource: "nodes", group: "" })).toEqual({ "list nodes": 2 });
  });

  test("a reset forgets, and what comes after it counts", async () => {
    await appendFile(file, listNodes());
    await log.reset();
    expect(await log.list()).toEqual([]);
    await appendFile(file, listNodes());
    expect(await log.count()).toEqual({ "list nodes": 1 });
  });

  test("a watch is one request, and its end after a reset is none", async () => {
    const watch = { ...nodes, auditID: "watch" };
    await appendFile(
      file,
      event("reconciler", "watch", "/api/v1/nodes?watch=1", { ...watch, stage: "ResponseStarted" }),
    );
    expect(await log.count()).toEqual({ "watch nodes": 1 });
    await appendFile(file, event("reconciler", "watch", "/api/v1/nodes?watch=1", watch));
    expect(await log.count()).toEqual({ "watch nodes": 1 });
    await appendFile(
      file,
      event("reconciler", "watch", "/api/v1/nodes?watch=1", {
        ...nodes,
        auditID: "other",
        stage: "ResponseStarted",
      }),
    );
    await log.reset();
    await appendFile(
      file,
      event("reconciler", "watch", "/api/v1/nodes?watch=1", { ...nodes, auditID: "other" }),
    );
    expect(await log.count()).toEqual({});
  });

  test("a line that is written in two halves is read once it is whole", async () => {
    const line = event("reconciler", "get", "/api/v1/nodes/n1", {
      objectRef: { resource: "nodes", name: "ü" },
    });
    const bytes = Buffer.from(line);
    const middle = bytes.indexOf(0xc3) + 1;
    await appendFile(file, bytes.subarray(0, middle));
    const later = requestLog(file, "admin", async (uri) => {
      setTimeout(() => {
        void appendFile(
          file,
          Buffer.concat([bytes.subarray(middle), Buffer.from(event("admin", "get", uri))]),
        );
      }, 30);
    });
    expect(await later.list()).toMatchObject([{ name: "ü" }]);
  });
});
