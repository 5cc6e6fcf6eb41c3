import { describe, test } from "@jest/globals";

/**
 * `describe` for tests that need parts which not every machine can have. Each part is located (and made, at the first time)
 * before the tests are declared, since that may take longer than a test may. Without one of them the tests are skipped,
 * visibly and with the reason, unless `CI=true`: there they fail.
 */
export async function describeWithParts(
  name: string,
  parts: readonly (() => Promise<unknown>)[],
  tests: () => void,
): Promise<void> {
  const obstacles: string[] = [];
  for (const locate of parts)
    await locate().catch((error: unknown) => {
      obstacles.push(error instanceof Error ? error.message : String(error));
    });
  if (obstacles.length === 0) {
    describe(name, tests);
  } else if (process.env["CI"] === "true") {
    describe(name, () => {
      test("has the parts that it runs on", () => {
        throw new Error(obstacles.join("\n"));
      });
    });
  } else {
    process.stderr.write(`SKIPPED ${name}: ${obstacles.join("\n")}\n`);
    describe.skip(name, tests);
  }
}
