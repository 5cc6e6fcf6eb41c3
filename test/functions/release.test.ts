import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { answerRelease } from "../../functions/release/answer-release.ts";
import { CALICO_V1 } from "../../lib/model/calico-group.ts";
import { UnreachableError } from "../../lib/model/errors.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { aContext, functionWorld, type FunctionWorld } from "./function-world.ts";

const objects = [
  aNodeObject({ name: "n1" }),
  aNodeObject({ name: "n2" }),
  aHostEndpointObject({ name: "n1", node: "n1", profiles: [] }),
  aHostEndpointObject({ name: "n2", node: "n2" }),
  aHostEndpointObject({ name: "theirs", node: "n2", owner: null, profiles: [] }),
];

function invocation(world: FunctionWorld) {
  const { signal } = new AbortController();
  return { log: world.log, signal, reporting: signal };
}
function names(world: FunctionWorld): readonly string[] {
  return world.cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name);
}

describe("break-glass", () => {
  test("allow profile first, then removal of ours; nobody else's is touched, and the schedule stays off until rearmed", async () => {
    const world = functionWorld({ objects });
    await answerRelease({ action: "release", nodes: [], confirm: "prod" }, world.ports, invocation(world));
    expect(names(world)).toEqual(["theirs"]);
    expect(
      world.cluster.calls
        .filter((it) => ["update", "delete"].includes(it.verb))
        .map((it) => `${it.verb} ${it.name}`),
    ).toEqual(["update n1", "delete n1", "delete n2"]);
    expect(world.mark).toBe("released");

    const handler = createReconcileHandler(world.ports, world.log);
    await handler({ action: "reconcile", source: "schedule" }, aContext());
    expect(names(world)).toEqual(["theirs"]);

    expect(
      await answerRelease({ action: "rearm", confirm: "prod" }, world.ports, invocation(world)),
    ).toMatchObject({ status: "armed" });
    await handler({ action: "reconcile", source: "schedule" }, aContext());
    expect(names(world)).toEqual(["n1", "n2", "theirs"]);
  });

  test("what a run writes that found the mark armed a moment before is released too", async () => {
    const world = functionWorld({ objects });
    let looks = 0;
    const clock = {
      ...world.ports.clock,
      sleep: () => {
        looks += 1;
        if (looks === 1)
          world.cluster.put(aHostEndpointObject({ name: "n1", node: "n1", uid: "uid-again", profiles: [] }));
        return Promise.resolve();
      },
    };
    const answer = await answerRelease(
      { action: "release", confirm: "prod" },
      { ...world.ports, clock },
      invocation(world),
    );
    expect(names(world)).toEqual(["theirs"]);
    expect(looks).toBe(2);
    expect(answer).toMatchObject({ status: "converged", counts: { nodes: 2, unprotected: 2, delete: 3 } });
  });

  test.each([
    [{ action: "release", nodes: [], confirm: "staging" }, 'say "confirm":"prod"'],
    [{ action: "release", nodes: [] }, "confirm"],
    [{ action: "rearm", confirm: "" }, 'say "confirm":"prod"'],
    [{ action: "reconcile", confirm: "prod" }, "action"],
    [{ action: "release", confirm: "prod", node: "n1" }, "node: unknown key"],
  ])("%o is refused, and nothing happens", async (payload, problem) => {
    const world = functionWorld({ objects });
    await expect(answerRelease(payload, world.ports, invocation(world))).rejects.toThrow(problem);
    expect(world.mark).toBe("armed");
    expect(world.cluster.calls).toEqual([]);
  });

  test("a mark that cannot be set does not keep traffic cut, and is told at the end", async () => {
    const world = functionWorld({ objects });
    const failing = {
      ...world.ports,
      mark: {
        ...world.ports.mark,
        write: () => Promise.reject(new UnreachableError("SSM is down", "server")),
      },
    };
    await expect(
      answerRelease({ action: "release", confirm: "prod" }, failing, invocation(world)),
    ).rejects.toThrow("SSM is down");
    expect(names(world)).toEqual(["theirs"]);
  });
});
