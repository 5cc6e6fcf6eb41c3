/** Each fence (lib/README.md) bites: a forbidden import makes dependency-cruiser fail with that rule's name. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..", "..");
let house: string;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), "fences-"));
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    cpSync(join(root, file), join(house, file));
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

const FORBIDDEN: readonly (readonly [rule: string, from: string, to: string])[] = [
  ["model-and-names-import-nothing", "lib/model/a.ts", "lib/plan/b.ts"],
  ["policy-is-pure", "lib/policy/a.ts", "lib/plan/b.ts"],
  ["addresses-know-only-the-model", "lib/address/a.ts", "lib/policy/b.ts"],
  ["policy-needs-no-package", "lib/policy/a.ts", "undici"],
  ["scope-imports-upstream-only", "lib/scope/a.ts", "lib/plan/b.ts"],
  ["plan-imports-upstream-only", "lib/plan/a.ts", "lib/apply/b.ts"],
  ["guard-imports-upstream-only", "lib/guard/a.ts", "lib/report/b.ts"],
  ["guard-imports-upstream-only", "lib/guard/a.ts", "lib/rollout/b.ts"],
  ["snapshot-imports-upstream-only", "lib/snapshot/a.ts", "lib/world/b.ts"],
  ["guard-imports-upstream-only", "lib/guard/a.ts", "lib/adopt/b.ts"],
  ["rooms-know-no-gateway", "lib/plan/a.ts", "lib/kubernetes/b.ts"],
  ["rooms-know-no-gateway", "lib/adopt/a.ts", "lib/kubernetes/b.ts"],
  ["rooms-know-no-gateway", "lib/import/a.ts", "lib/aws/b.ts"],
  ["rooms-know-no-gateway", "lib/a-room-of-tomorrow/a.ts", "lib/kubernetes/b.ts"],
  ["gateways-know-no-room-and-not-each-other", "lib/kubernetes/a.ts", "lib/aws/b.ts"],
  ["gateways-know-no-room-and-not-each-other", "lib/aws/a.ts", "lib/plan/b.ts"],
  ["ports-know-only-the-model", "lib/ports/a.ts", "lib/plan/b.ts"],
  ["client-node-lives-in-lib-kubernetes", "lib/plan/a.ts", "@kubernetes/client-node"],
  ["aws-sdk-and-signing-live-in-lib-aws", "functions/shared/a.ts", "@aws-sdk/client-eks"],
  ["only-compose-builds-gateways", "functions/reconcile/a.ts", "lib/kubernetes/b.ts"],
  ["infra-shares-names-and-settings", "infra/a.ts", "lib/plan/b.ts"],
  ["code-knows-no-test", "lib/plan/a.ts", "test/fakes/b.ts"],
  ["lib-knows-no-function-and-no-infra", "lib/plan/a.ts", "functions/shared/b.ts"],
  ["recheck-imports-upstream-only", "lib/recheck/a.ts", "lib/report/b.ts"],
  ["apply-imports-upstream-only", "lib/apply/a.ts", "lib/recheck/b.ts"],
  ["only-the-guard-lets-through", "lib/release/a.ts", "lib/plan/let-through.ts"],
  ["only-the-guard-lets-through", "lib/guard/rules/a.ts", "lib/plan/let-through.ts"],
  ["only-the-guard-lets-through", "functions/cli/a.ts", "lib/plan/let-through.ts"],
  ["nothing-unresolvable", "lib/plan/a.ts", "lib/plan/nowhere-to-be-found"],
];

describe("a forbidden import fails the check", () => {
  test.each(FORBIDDEN)("%s: %s -> %s", (rule, from, to) => {
    const folders = ["lib", "functions", "infra", "test"];
    for (const folder of folders) rmSync(join(house, folder), { recursive: true, force: true });
    for (const folder of folders) mkdirSync(join(house, folder));
    if (to.endsWith(".ts")) write(to, "export const it = 1;\n");
    const specifier = /^(lib|functions|infra|test)\//.test(to) ? relative(from, to) : to;
    write(from, `export * from "${specifier}";\n`);
    const result = cruise();
    expect(result.stdout).toContain(`error ${rule}:`);
    expect(result.status).not.toBe(0);
  });

  test("a circle is refused", () => {
    write("lib/plan/a.ts", 'export * from "./b.ts";\n');
    write("lib/plan/b.ts", 'export * from "./a.ts";\n');
    expect(cruise().stdout).toContain("error no-circles:");
  });
});

function cruise() {
  return spawnSync(
    process.execPath,
    [join(root, "node_modules", ".bin", "depcruise"), "lib", "functions", "infra"],
    {
      cwd: house,
      encoding: "utf8",
    },
  );
}

function write(file: string, text: string) {
  mkdirSync(dirname(join(house, file)), { recursive: true });
  writeFileSync(join(house, file), text);
}

function relative(from: string, to: string): string {
  const up = from.split("/").length - 1;
  return `${"../".repeat(up)}${to}`;
}
