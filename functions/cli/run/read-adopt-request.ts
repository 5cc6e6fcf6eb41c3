import type { AdoptRequest } from "../../../lib/adopt/adopt.ts";
import { OTHERS, type Choice, type Other } from "../../../lib/adopt/adopt-request.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import type { Invocation } from "../arguments/command.ts";

/** What was asked for, but whether it is carried out. */
export type AskedFor =
  { readonly kind: "orphans" } | { readonly kind: "adopt"; readonly request: Omit<AdoptRequest, "mode"> };

/** @throws UsageError when what was typed contradicts itself, or says nothing. */
export function readAdoptRequest(invocation: Invocation): AskedFor {
  const names = invocation.arguments.map(plainName);
  const from = other(invocation, "from");
  const to = other(invocation, "to");
  const all = invocation.flag("all");
  const selector = invocation.text("selector");
  if (invocation.flag("orphans")) {
    if (names.length > 0 || from !== undefined || to !== undefined || all || selector !== undefined)
      throw new UsageError("--orphans stands alone: it means every endpoint of others whose Node is gone");
    return { kind: "orphans" };
  }
  if (from !== undefined && to !== undefined)
    throw new UsageError("--from takes over and --to gives back; give one of them");
  const choice = readChoice(names, all, selector);
  if (choice.kind !== "names" && from === undefined && to === undefined)
    throw new UsageError(`--${choice.kind} needs --from or --to: auto, operator or manual`);
  if (invocation.text("wait") !== undefined && from !== "auto")
    throw new UsageError("--wait waits for Calico to be switched off; it goes with --from auto");
  return {
    kind: "adopt",
    request: {
      choice,
      acceptLoosening: invocation.flag("accept-loosening"),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    },
  };
}

function readChoice(names: readonly string[], all: boolean, selector: string | undefined): Choice {
  const ways = [names.length > 0, all, selector !== undefined].filter((it) => it).length;
  if (ways === 0)
    throw new UsageError(
      'no endpoint is named; give names as "kubectl get hostendpoints -o name" prints them, --all or --selector',
    );
  if (ways > 1)
    throw new UsageError("names, --all and --selector are three ways to choose; give one of them");
  if (selector === undefined) return all ? { kind: "all" } : { kind: "names", names };
  const problem = checkSelector(selector);
  if (problem !== undefined) throw new UsageError(`--selector: ${problem}`);
  return { kind: "selector", selector };
}

function other(invocation: Invocation, option: "from" | "to"): Other | undefined {
  const text = invocation.text(option);
  return OTHERS.find((it) => it === text);
}

/** `hostendpoint.crd.projectcalico.org/NAME`, as kubectl prints it, is NAME. */
function plainName(text: string): string {
  const name = /^hostendpoints?(\.(crd\.)?projectcalico\.org)?\/(.*)$/.exec(text)?.[3] ?? text;
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return name;
  throw new UsageError(
    `"${text}" cannot be the name of a HostEndpoint; give names as "kubectl get hostendpoints" prints them`,
  );
}
