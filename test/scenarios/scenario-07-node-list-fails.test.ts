/**
 * Scenario 7: the list of Nodes fails. Given 50 endpoints, and Nodes that came and went since, when listing Nodes answers
 * with a timeout, 401, 403, 429, 500 or something that is no JSON, then nothing is deleted and nothing is created, and the
 * run fails with an error that names the layer: that failure is what the alarm counts.
 */
import { expect, test } from "@jest/globals";
import { DeniedError, ThrottledError, UnreachableError } from "../../lib/model/errors.ts";
import { aNodeObject, someNodeObjects } from "../builders/a-node.ts";
import type { Misbehaviour } from "../fakes/fault-proxy.ts";
import { describeScenario } from "./world.ts";

const listOfNodes = /^\/api\/v1\/nodes\?/;

const failures: readonly (readonly [string, Misbehaviour, object])[] = [
  ["a timeout", { kind: "black-hole" }, { constructor: UnreachableError, layer: "timeout" }],
  ["a cut connection, again and again", { kind: "reset" }, { constructor: UnreachableError, layer: "tcp" }],
  ["401", { kind: "status", status: 401 }, { constructor: DeniedError, status: 401 }],
  ["403", { kind: "status", status: 403 }, { constructor: DeniedError, status: 403 }],
  ["429 without end", { kind: "status", status: 429, retryAfterSeconds: 0 }, { constructor: ThrottledError }],
  [
    "429 with a long wait",
    { kind: "status", status: 429, retryAfterSeconds: 600 },
    { constructor: ThrottledError },
  ],
  ["500", { kind: "status", status: 500 }, { constructor: UnreachableError, layer: "server" }],
  ["invalid JSON", { kind: "truncated-json" }, { constructor: UnreachableError, layer: "protocol" }],
  ["a login page", { kind: "html" }, { constructor: UnreachableError, layer: "protocol" }],
  [
    "a list of something else",
    { kind: "body", body: '{"kind":"PodList","items":[]}' },
    { constructor: UnreachableError, layer: "protocol" },
  ],
];

describeScenario("scenario 7: the list of Nodes fails", (world) => {
  test.each(failures)(
    "%s: nothing is deleted, nothing is created, the run fails",
    async (_name, how, error) => {
      await world().put(someNodeObjects(50));
      await world().settle();
      const before = await world().endpoints();
      expect(before).toHaveLength(50);
      await world().removeNodes("node-0007", "node-0008");
      await world().put([aNodeObject({ name: "newcomer-1" })]);
      await world().controlPlane.requests.reset();

      world().network.fail({ method: "GET", path: listOfNodes, as: how });
      const timeouts = { connect: 2_000, headers: 1_500, body: 1_500 };
      await expect(world().run({ timeouts })).rejects.toMatchObject(error);

      expect(await world().endpoints()).toEqual(before);
      expect(await world().writes()).toEqual([]);
    },
  );

  test("once the list works again, the next run catches up", async () => {
    await world().put(someNodeObjects(5));
    await world().settle();
    await world().removeNodes("node-0001");
    await world().put([aNodeObject({ name: "newcomer-1" })]);
    world().network.fail({ path: listOfNodes, as: { kind: "status", status: 500 } });
    await expect(world().run()).rejects.toThrow();
    world().network.heal();
    await world().run();
    expect(await world().endpointNames()).toEqual([
      "newcomer-1",
      "node-0000",
      "node-0002",
      "node-0003",
      "node-0004",
    ]);
  });
});
