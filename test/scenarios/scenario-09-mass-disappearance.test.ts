/**
 * Scenario 9: mass disappearance. Given 100 nodes, when 60 vanish at once, then deletions stop at the budget, the rest waits
 * for another look, and the report (which the alarm is made from) states the count.
 */
import { expect, test } from "@jest/globals";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const fleet = someNodeObjects(100);
const names = fleet.map((it) => it.metadata.name);
const [vanished, staying] = [names.slice(0, 60), names.slice(60)];

describeScenario("scenario 9: mass disappearance", (world) => {
  test("a run deletes as many as the budget allows and states how many wait", async () => {
    await world().put(fleet);
    await world().settle();
    await world().removeNodes(...vanished);

    const { report } = await world().run();
    expect(await world().endpoints()).toHaveLength(90);
    expect(report).toMatchObject({ status: "withheld", counts: { delete: 10, withheld: 50, failed: 0 } });
    expect(report.findings).toEqual([
      expect.objectContaining({
        severity: "error",
        code: "delete-budget",
        message: expect.stringContaining("60 of 100"),
      }),
    ]);
    expect(await world().endpointNames()).toEqual(expect.arrayContaining([...staying]));
  });

  test("the share of the fleet bounds small fleets", async () => {
    await world().put(fleet.slice(0, 20));
    await world().settle();
    await world().removeNodes(...names.slice(0, 12));
    await world().run();
    expect(await world().endpoints()).toHaveLength(16);
  });

  test("nodes that come back meanwhile keep the endpoint that waited", async () => {
    await world().put(fleet.slice(0, 50));
    await world().settle();
    const before = new Map((await world().endpoints()).map((it) => [it.name, it.uid]));
    await world().removeNodes(...names.slice(0, 30));
    await world().run();
    await world().put(fleet.slice(0, 50));
    await world().settle();
    const after = await world().endpoints();
    expect(after).toHaveLength(50);
    expect(after.filter((it) => it.uid === before.get(it.name))).toHaveLength(40);
  });
});
