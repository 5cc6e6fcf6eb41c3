import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { locatePrograms, NoControlPlaneError } from "./binaries/locate-programs.ts";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "./control-plane.ts";

const startTimeoutMilliseconds = 90_000;

/**
 * Why this machine can run no control plane; undefined when it can. Asked once per test file, before its tests are
 * declared: a first build takes minutes, longer than any test may.
 */
const obstacle = await findObstacle();

/**
 * `describe` for tests that start control planes of their own. Where none can be had it is skipped, visibly and with the
 * reason, unless `CI=true`: there it fails.
 */
export function describeWhereControlPlaneRuns(name: string, tests: () => void): void {
  if (obstacle === undefined) {
    describe(name, tests);
  } else if (process.env["CI"] === "true") {
    describe(name, () => {
      test("has a control plane to run on", () => {
        throw obstacle;
      });
    });
  } else {
    process.stderr.write(`SKIPPED ${name}: ${obstacle.message}\n`);
    describe.skip(name, tests);
  }
}

/**
 * The same with one control plane that is started before the tests and stopped after them; `tests` gets a function that
 * answers it, for use inside tests. Call its `resetObjects` in `beforeEach` where tests leave objects behind.
 */
export function describeWithControlPlane(
  name: string,
  tests: (controlPlane: () => ControlPlane) => void,
  options: ControlPlaneOptions = {},
): void {
  describeWhereControlPlaneRuns(name, () => {
    let running: ControlPlane | undefined;
    beforeAll(async () => {
      running = await startControlPlane(options);
    }, startTimeoutMilliseconds);
    afterAll(async () => {
      await running?.stop();
    });
    tests(() => {
      if (running === undefined) throw new Error("the control plane runs only while tests run");
      return running;
    });
  });
}

async function findObstacle(): Promise<NoControlPlaneError | undefined> {
  try {
    await locatePrograms();
    return undefined;
  } catch (error) {
    if (error instanceof NoControlPlaneError) return error;
    throw error;
  }
}
