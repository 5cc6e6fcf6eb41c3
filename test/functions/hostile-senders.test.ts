/** What a sender can do who may put messages on the queue, or answer in the place of a peer: nothing but spoil its own record. */
import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { shell } from "../../functions/shared/shell.ts";
import { createLogger } from "../../lib/observability/create-logger.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import {
  ConflictError,
  DeniedError,
  ExpiredError,
  InvalidError,
  NotFoundError,
  ThrottledError,
  UnreachableError,
  UsageError,
} from "../../lib/model/errors.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { recordedEvent } from "../events/events.ts";
import { aContext, anInstance, functionWorld, sqsBatch } from "./function-world.ts";

const id = "i-0a1b2c3d4e5f60001";
const node = "ip-10-0-1-5.eu-west-1.compute.internal";
const long = (length: number) => "x".repeat(length);
const health = (affectedEntities: unknown) => ({
  ...recordedEvent("health-instance-retirement"),
  detail: { service: "EC2", affectedEntities },
});

/** Each of a size that SQS lets through, or larger. */
const hostile: readonly (readonly [name: string, body: unknown])[] = [
  ["125,000 wrong entities", health(Array.from({ length: 125_000 }, () => 1))],
  ["a megabyte of wrong entities", health(Array.from({ length: 500_000 }, () => 1))],
  [
    "20,000 wrong names of nodes",
    { action: "reconcile", nodes: Array.from({ length: 20_000 }, () => "A B") },
  ],
  ["4,000 wrong names of nodes", { action: "reconcile", nodes: Array.from({ length: 4_000 }, () => "A B") }],
  [
    "10,000 unknown keys",
    { action: "reconcile", ...Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key${n}`, n])) },
  ],
  ["a key of 200,000 characters", { action: "reconcile", [long(200_000)]: 1 }],
  [
    "an id of 200,000 characters",
    {
      ...recordedEvent("ec2-state-running"),
      detail: { "instance-id": `i-${"a".repeat(200_000)}`, state: "running" },
    },
  ],
  [
    "a state of 200,000 characters",
    { ...recordedEvent("ec2-state-running"), detail: { "instance-id": id, state: long(200_000) } },
  ],
  ["a source of 200,000 characters", { source: long(200_000), "detail-type": "x", detail: {} }],
  ["a type of 200,000 characters", { source: "aws.ec2", "detail-type": long(200_000), detail: {} }],
  ["100,000 brackets", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["100,000 objects in each other", `${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`],
  ["200,000 characters that are no JSON", long(200_000)],
  [
    "a destination of 200,000 characters",
    {
      ...recordedEvent("asg-launch-lifecycle"),
      detail: { ...(recordedEvent("asg-launch-lifecycle")["detail"] as object), Destination: long(200_000) },
    },
  ],
];

describe("a hostile record", () => {
  test.each(hostile)("%s: the good one beside it is done, and no line is long", async (_name, body) => {
    const lines: string[] = [];
    const world = functionWorld({
      objects: [aNodeObject({ name: node, providerId: `aws:///eu-west-1a/${id}` })],
    });
    world.ec2.set(id, anInstance(id, node));
    const log = createLogger("info", {}, (line) => lines.push(line));
    const batch = sqsBatch([body, recordedEvent("asg-launch-lifecycle"), body]);
    const answer = (await createReconcileHandler(world.ports, log)(batch, aContext())) as {
      readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
    };
    expect(answer.batchItemFailures.map((it) => it.itemIdentifier)).not.toContain("m1");
    expect(world.hookCalls).toHaveLength(1);
    for (const line of lines) expect(line.length).toBeLessThan(8_000);
  });

  test.each(hostile)("%s: as a payload it is refused in few words", async (_name, body) => {
    const world = functionWorld();
    const handler = createReconcileHandler(world.ports, world.log);
    expect(JSON.stringify(await handler(body, aContext())).length).toBeLessThan(8_000);
    expect(world.cluster.calls).toEqual([]);
  });

  test("a thousand malformed records: twenty of them are told, all are counted", async () => {
    const world = functionWorld();
    const batch = sqsBatch(Array.from({ length: 1_000 }, () => "{"));
    await createReconcileHandler(world.ports, world.log)(batch, aContext());
    expect(world.logged.filter((it) => it["message"] === "malformed record")).toHaveLength(20);
    expect(world.logged.at(-1)).toMatchObject({ dispositions: { "retry:malformed": 1_000 } });
  });

  test("a thousand new words are counted under a few", async () => {
    const world = functionWorld();
    const launch = recordedEvent("asg-launch-lifecycle");
    const batch = sqsBatch(
      Array.from({ length: 1_000 }, (_, n) => ({
        ...launch,
        detail: { ...(launch["detail"] as object), Destination: `Word${n}` },
      })),
    );
    await createReconcileHandler(world.ports, world.log)(batch, aContext());
    const { unknownPlaces } = world.logged.at(-1) as {
      readonly unknownPlaces: Readonly<Record<string, number>>;
    };
    expect(Object.keys(unknownPlaces)).toHaveLength(21);
    expect(Object.values(unknownPlaces).reduce((sum, it) => sum + it)).toBe(1_000);
  });
});

const token = `k8s-aws-v1.${"aHR0cHM6Ly9zdHMuZXUtd2VzdC0xLmFtYXpvbmF3cy5jb20v".repeat(3)}`;
const jwt = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl";
const session = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN12345678";
const secrets = [token.slice(11), jwt.split(".")[2] ?? "", session];

/** Ways in which a peer, a proxy or AWS has been seen to quote a request. */
const echoes: readonly string[] = [token, jwt]
  .flatMap((it) => [
    `authorization: Bearer ${it}`,
    `Authorization: bearer ${it}`,
    JSON.stringify({ headers: { authorization: `Bearer ${it}` } }),
    JSON.stringify(JSON.stringify({ headers: { Authorization: `Bearer ${it}` } })),
    `GET /apis HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${it}\r\n\r\n`,
    `curl -H 'Authorization: Bearer ${it}'`,
    encodeURIComponent(`Bearer ${it}`),
    it,
    `"token": "${it}"`,
    `${"x".repeat(3_990)} ${it}`,
  ])
  .concat([
    `https://sts.eu-west-1.amazonaws.com/?X-Amz-Security-Token=${session}&X-Amz-Signature=abc`,
    `x-amz-security-token:${session}`,
    JSON.stringify({ sessionToken: session }),
  ]);

describe("a peer that echoes our request", () => {
  const kinds = [
    (text: string) => new NotFoundError(text),
    (text: string) => new ConflictError(text),
    (text: string) => new ThrottledError(text, 1),
    (text: string) => new DeniedError(text, 403),
    (text: string) => new InvalidError(text),
    (text: string) => new ExpiredError(text),
    (text: string) => new UnreachableError(text, "server"),
    (text: string) => new UsageError(text),
    (text: string) => new TypeError(text),
  ];

  test.each(echoes.map((it, index) => [index, it] as const))(
    "form %i: no secret in error, log or answer",
    async (_index, echo) => {
      for (const make of kinds) {
        const lines: string[] = [];
        const error = make(`list nodes: 502: ${echo}`);
        const handler = shell({
          name: "reconcile",
          log: createLogger("debug", {}, (line) => lines.push(line)),
          handle: () => Promise.reject(error),
        });
        const outcome: unknown = await handler({}, aContext()).catch((it: unknown) => it);
        const said = [
          JSON.stringify(outcome),
          ...(outcome instanceof Error ? [outcome.message, outcome.stack ?? ""] : []),
          ...(error instanceof TypeError ? [] : [error.message, JSON.stringify(describeError(error))]),
          ...lines,
        ];
        for (const secret of secrets) for (const text of said) expect(text).not.toContain(secret);
      }
    },
  );
});
