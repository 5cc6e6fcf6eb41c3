/** What may be written is what the guard let through: nothing else makes such an action, and apply takes no other. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { applyPlan } from "../../../lib/apply/apply-plan.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { CreateAction } from "../../../lib/model/plan.ts";
import { annotated, letThrough, requireLetThrough } from "../../../lib/plan/let-through.ts";
import { aDesiredHostEndpoint } from "../../builders/a-host-endpoint.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const creation: CreateAction = {
  kind: "create",
  name: "a",
  node: "a",
  desired: aDesiredHostEndpoint({ name: "a" }),
};
const signal = new AbortController().signal;

function apply(actions: Parameters<typeof applyPlan>[0]["actions"]) {
  const cluster = createInMemoryCluster();
  const request = { actions, group: CALICO_V1, owner: "o", concurrency: 1, wantedBy: () => [] } as const;
  return applyPlan(request, cluster.gateway, signal).finally(() => {
    expect(cluster.calls.length).toBe(actions.length > 0 && isKnown(actions) ? 1 : 0);
  });
}
function isKnown(actions: Parameters<typeof applyPlan>[0]["actions"]): boolean {
  try {
    actions.forEach(requireLetThrough);
    return true;
  } catch {
    return false;
  }
}

test("an action of the plan is no action for apply: the types say so", async () => {
  // @ts-expect-error nobody let it through
  await expect(apply([creation])).rejects.toThrow("create HostEndpoint/a was not let through by the guard");
  await expect(apply([letThrough(creation)])).resolves.toMatchObject([{ outcome: "applied" }]);
});

test("one that is changed afterwards is another one: it is refused before anything is written", async () => {
  const allowed = letThrough(creation);
  const changed = { ...allowed, desired: { ...allowed.desired, profiles: [] } };
  await expect(apply([changed])).rejects.toThrow("was not let through");
  await expect(
    apply([annotated(allowed, { "hostendpoint-reconciler/rollout": "{}" })]),
  ).resolves.toMatchObject([{ outcome: "applied" }]);
  expect(() => annotated(changed, {})).toThrow("was not let through");
});

const sources = ["lib", "functions"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((it) => it.endsWith(".ts"))
    .map((it) => join(folder, it)),
);

test("nobody else casts to it", () => {
  const casting = sources.filter((it) => /\bas (unknown as )?(readonly )?LetThrough\b/.test(textOf(it)));
  expect(casting).toEqual(["lib/plan/let-through.ts"]);
});

test("nobody else writes endpoints: apply does, and adopt, which changes hands and nothing else", () => {
  const writing = sources.filter((it) => /\bcluster\.(create|update|delete)\(/.test(textOf(it)));
  expect(writing.sort()).toEqual([
    "lib/adopt/adopt.ts",
    "lib/apply/annotate-endpoint.ts",
    "lib/apply/apply-plan.ts",
    "lib/apply/delete-proven.ts",
  ]);
});

function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
