/**
 * No sequence of settings, ids and deletions leaves a hook behind that nobody answers, and no machine dies of a hook that goes.
 *
 * Deployments, resyncs, launches, removals and groups that come and go, in any order, by the keeper and the functions' own code
 * on a model of Auto Scaling that abandons what waits on a deleted hook, as AWS does.
 */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { keepHooks, type HooksMemory } from "../../../functions/reconcile/keep-hooks.ts";
import { removeHooks } from "../../../functions/release/remove-hooks.ts";
import { settingsSchema, type Settings } from "../../../lib/config/settings.ts";
import { hookKeeper } from "../../../lib/aws/hook-keeper.ts";
import { wantedHooks } from "../../../lib/lifecycle/wanted-hooks.ts";
import { createLogger } from "../../../lib/observability/create-logger.ts";
import type { FunctionPorts } from "../../../functions/shared/compose.ts";
import { autoScalingModel, type AutoScalingModel } from "../../fakes/auto-scaling-model.ts";
import { lawRuns } from "../law-runs.ts";

const CLUSTERS = ["prod", "staging"] as const;
const IDS = ["one", "two"] as const;
const NAMED = ["workers", "gpu"] as const;
const MANAGED = ["eks-blue-0a", "eks-green-0b"] as const;

type Choice = {
  readonly stage: Settings["stage"];
  readonly named: readonly string[];
  readonly managedNodeGroups: boolean;
  readonly launch: "continue" | "abandon";
};
type Step =
  | { readonly do: "deploy"; readonly cluster: string; readonly id: string; readonly choice: Choice }
  | { readonly do: "destroy"; readonly cluster: string; readonly id: string }
  | { readonly do: "resync"; readonly cluster: string; readonly id: string }
  | { readonly do: "later" }
  | { readonly do: "launch" | "make" | "remove"; readonly group: string };

// Mostly the same one: what matters is what follows upon what.
const anInstallation = {
  cluster: fc.constantFrom("prod", "prod", "prod", ...CLUSTERS),
  id: fc.constantFrom("one", "one", "one", ...IDS),
};
const aChoice: fc.Arbitrary<Choice> = fc.record({
  stage: fc.constantFrom("observe", "canary", "enforce"),
  named: fc.subarray([...NAMED]),
  managedNodeGroups: fc.boolean(),
  launch: fc.constantFrom("continue", "abandon"),
});
const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("deploy" as const), ...anInstallation, choice: aChoice }),
  fc.record({ do: fc.constant("destroy" as const), ...anInstallation }),
  fc.record({ do: fc.constant("resync" as const), ...anInstallation }),
  fc.record({ do: fc.constant("later" as const) }),
  fc.record({
    do: fc.constantFrom(
      "launch" as const,
      "launch" as const,
      "launch" as const,
      "make" as const,
      "remove" as const,
    ),
    group: fc.constantFrom(...NAMED, ...MANAGED),
  }),
);

type Installed = { readonly ports: FunctionPorts; memory: HooksMemory };

const log = createLogger("error", {}, () => undefined);
const invocation = { log, signal: new AbortController().signal, reporting: new AbortController().signal };

/** An account in which installations come and go. What CloudFormation does stands here, what is ours is the product's own code. */
class Account {
  readonly model: AutoScalingModel = autoScalingModel();
  readonly #installed = new Map<string, Installed>();
  readonly #paused = new Map<string, number>();
  #now = 0;

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "deploy":
        return this.#deploy(step.cluster, step.id, step.choice);
      case "destroy":
        return this.#destroy(step.cluster, step.id);
      case "resync":
        return this.#resync(`${step.id}-${step.cluster}`);
      case "later":
        this.#now += 2 * 3_600_000;
        return;
      case "launch":
        this.model.launch(step.group);
        return;
      case "make":
        // A group of a managed node group is prod's in this account.
        if (!this.model.groups().includes(step.group))
          this.model.makeGroup(step.group, step.group.startsWith("eks-") ? "prod" : undefined);
        return;
      case "remove":
        this.model.removeGroup(step.group);
        return;
    }
  }

  async settle(): Promise<void> {
    this.#now += 2 * 3_600_000;
    for (const key of this.#installed.keys()) await this.#resync(key);
  }

  /** Hooks that no installation wants. */
  strays(): readonly string[] {
    const wanted = new Set(
      [...this.#installed.values()].flatMap(({ ports: { settings } }) =>
        wantedHooks(settings).flatMap(({ name }) => [
          ...settings.autoScalingGroups.map((group) => `${group}/${name}`),
          ...(settings.lifecycle.managedNodeGroups && settings.cluster.name === "prod"
            ? MANAGED.map((group) => `${group}/${name}`)
            : []),
        ]),
      ),
    );
    return this.model
      .groups()
      .flatMap((group) => this.model.hooksOf(group).map((hook) => `${group}/${hook}`))
      .filter((it) => !wanted.has(it));
  }

  async #deploy(cluster: string, id: string, { stage, named, managedNodeGroups, launch }: Choice) {
    const key = `${id}-${cluster}`;
    const before = this.#installed.get(key);
    const settings = settingsSchema.parse({
      id,
      stage,
      autoScalingGroups: cluster === "prod" ? named : [],
      lifecycle: { managedNodeGroups, launch },
      cluster: { name: cluster, region: "eu-west-1", account: "111122223333" },
    });
    const declared = wantedHooks(settings).length > 0 ? settings.autoScalingGroups : [];
    // `npm run deploy` asks the old installation first.
    if (before !== undefined)
      await removeHooks(
        {
          autoScalingGroups: declared,
          managedNodeGroups: managedNodeGroups && wantedHooks(settings).length > 0,
        },
        before.ports,
        invocation,
      );
    const hooks = hookKeeper({ cluster, id }, async () => this.model.calls, {
      now: () => this.#now,
      sleep: () => Promise.resolve(),
    });
    const ports = {
      settings: { ...settings, cluster: { name: cluster, region: "eu-west-1", account: "111122223333" } },
      clock: { now: () => this.#now, sleep: () => Promise.resolve() },
      hooks,
      hooksPause: {
        until: () => Promise.resolve(this.#paused.get(key) ?? 0),
        pause: (until: number) => {
          this.#paused.set(key, until);
          return Promise.resolve();
        },
      },
    } as unknown as FunctionPorts;
    this.#installed.set(key, { ports, memory: { isClean: false } });
    for (const group of declared)
      if (this.model.groups().includes(group))
        for (const hook of wantedHooks(settings)) this.model.putHook(group, { name: hook.name });
    this.#cloudFormationDeletes(before?.ports, declared);
  }

  async #destroy(cluster: string, id: string) {
    const key = `${id}-${cluster}`;
    const installed = this.#installed.get(key);
    if (installed === undefined) return;
    await removeHooks(undefined, installed.ports, invocation);
    // The schedule still runs while CloudFormation deletes.
    await this.#resync(key);
    this.#cloudFormationDeletes(installed.ports, []);
    this.#installed.delete(key);
  }

  #cloudFormationDeletes(before: FunctionPorts | undefined, kept: readonly string[]) {
    if (before === undefined || wantedHooks(before.settings).length === 0) return;
    for (const group of before.settings.autoScalingGroups)
      if (!kept.includes(group) && this.model.groups().includes(group))
        for (const hook of wantedHooks(before.settings))
          if (this.model.hooksOf(group).includes(hook.name)) this.model.deleteHook(group, hook.name);
  }

  async #resync(key: string) {
    const installed = this.#installed.get(key);
    if (installed !== undefined) await keepHooks(installed.ports, installed.memory, invocation);
  }
}

describe("hooks", () => {
  test("none is left behind that nobody answers, and none takes a machine with it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 40, size: "max" }), async (steps) => {
        const account = new Account();
        for (const group of [...NAMED, ...MANAGED]) await account.take({ do: "make", group });
        for (const step of steps) await account.take(step);
        await account.settle();
        expect(account.strays()).toEqual([]);
        expect(account.model.killed).toEqual([]);
      }),
      { numRuns: lawRuns(600) },
    );
  });
});
