/**
 * Reads a list whole, page by page, or throws.
 * Each page is projected while it arrives and before the next is asked for, so that never more than one full object is in memory.
 * A token that has become too old (410) starts the list again from the beginning, a bounded number of times.
 */
import { ExpiredError, UnreachableError } from "../model/errors.ts";
import type { JsonObject } from "../model/kubernetes-object.ts";
import type { ResourcePath } from "../ports/kubernetes.ts";
import { describeRequest, resourceRequest } from "./api-request.ts";
import { createItemReader } from "./item-reader.ts";
import { arrayAt, isJsonObject, objectAt, stringAt } from "./read-json.ts";
import type { Transport } from "./transport.ts";

/** What kube-apiserver's own clients ask for; 500 Nodes of 12 KB are 6 MB. */
const pageSize = 500;
const restarts = 3;

export type ListOptions<Item> = {
  readonly resource: ResourcePath;
  /** `NodeList`; undefined when any kind of list will do. */
  readonly kind: string | undefined;
  /** @param kind the kind of the items, which lists of built-in kinds do not repeat in each item */
  readonly project: (item: JsonObject, kind: string) => Item;
  /** Lists only what this selects, such as `metadata.name=calico-node`. */
  readonly fieldSelector?: string;
  /** Keys of lists in the items that need not even be parsed, see `item-reader.ts`. */
  readonly ignored?: readonly string[];
};

/**
 * @throws NotFoundError when the resource is not served, ExpiredError when every restart met a 410,
 * UnreachableError (layer `protocol`) when an answer is no list of that kind.
 */
export async function listPages<Item>(
  transport: Transport,
  options: ListOptions<Item>,
  signal: AbortSignal,
): Promise<Item[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await listOnce(transport, options, signal);
    } catch (error) {
      if (!(error instanceof ExpiredError) || attempt >= restarts) throw error;
    }
  }
}

async function listOnce<Item>(
  transport: Transport,
  options: ListOptions<Item>,
  signal: AbortSignal,
): Promise<Item[]> {
  const items: Item[] = [];
  let token = "";
  do {
    const query = queryOf(options.fieldSelector, token);
    const request = resourceRequest("list", options.resource, { query });
    const broken = (what: string) => new UnreachableError(`${describeRequest(request)}: ${what}`, "protocol");
    const read = (item: unknown, kind: string) => {
      if (!isJsonObject(item) || (stringAt(objectAt(item, "metadata"), "name") ?? "") === "")
        throw broken("the list holds something without a name");
      return options.project(item, kind);
    };
    const openReader = () =>
      createItemReader({
        project: read,
        ...(options.ignored === undefined ? {} : { ignored: options.ignored }),
      });
    let reader = openReader();
    const page = await transport.send(request, signal, () => (reader = openReader()));
    const kind = stringAt(page, "kind") ?? "";
    if (options.kind === undefined ? !kind.endsWith("List") : kind !== options.kind)
      throw broken(
        `expected ${options.kind ?? "a list"} and got ${kind === "" ? "no kind" : kind.slice(0, 80)}`,
      );
    if (!Array.isArray(page["items"])) throw broken("the list has no items");
    for (const item of reader.items) items.push(item);
    for (const item of arrayAt(page, "items")) items.push(read(item, kind.slice(0, -"List".length)));
    const next = stringAt(objectAt(page, "metadata"), "continue") ?? "";
    if (next !== "" && next === token)
      throw broken("the list does not move on: the same page was offered twice");
    token = next;
  } while (token !== "");
  return items;
}

function queryOf(fieldSelector: string | undefined, token: string): string {
  const select = fieldSelector === undefined ? "" : `&fieldSelector=${encodeURIComponent(fieldSelector)}`;
  return `limit=${pageSize}${select}${token === "" ? "" : `&continue=${encodeURIComponent(token)}`}`;
}
