/**
 * One page of a list, asked for before its turn where that can be: kube-apiserver writes a list of a built-in kind with its
 * metadata first, so the next page can be asked for as soon as the head of this one is there, and is made while this one is
 * read. Lists of custom resources end with their metadata; there the next page is asked for when this one is whole.
 *
 * Must never happen: more than one page ahead, a page that is read before its turn (its answer waits in the socket), or a request
 * that goes on after its list has failed.
 */
import { UnreachableError } from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import type { ResourcePath } from "../../ports/kubernetes.ts";
import { type ApiRequest, describeRequest, resourceRequest } from "./api-request.ts";
import { resourceOfKind } from "../../model/resource-of-kind.ts";
import { createItemReader, type ItemReader } from "./item-reader.ts";
import { arrayAt, isJsonObject, objectAt, stringAt } from "../../model/read-json.ts";
import type { Transport } from "../connection/transport.ts";

/** What a list of metadata alone is called. Source: Kubernetes API concepts, "Metadata-only fetches". */
export const METADATA_LIST = "PartialObjectMetadataList";

/** What kube-apiserver's own clients ask for; 500 Nodes of 12 KB are 6 MB. */
const pageSize = 500;

export type ListOptions<Item> = {
  readonly resource: ResourcePath;
  /** `NodeList`; undefined when any kind of list will do. */
  readonly kind: string | undefined;
  /** @param kind the kind of the items, which lists of built-in kinds do not repeat in each item */
  readonly project: (item: JsonObject, kind: string) => Item;
  /** Lists only what this selects, such as `metadata.name=calico-node`. */
  readonly fieldSelector?: string;
  /** Media type of the answer; absent: JSON, the objects as they are. */
  readonly accept?: string;
  /** Keys of lists in the items that need not even be parsed, see `item-reader.ts`. */
  readonly ignored?: readonly string[];
};

export type PageRequest<Item> = {
  readonly token: string;
  /** Its turn has come. Throws as `listPages` does. */
  read(): Promise<Page<Item>>;
  /** What to throw when a later page names an earlier one as the next. */
  offeredTwice(): UnreachableError;
  /** The page after it when that has been asked for already, as it must be when it begins at `token`. */
  following(token: string): PageRequest<Item> | undefined;
  /** Ends what is under way for it and for the page after it. */
  abandon(): void;
};
export type Page<Item> = {
  readonly items: readonly Item[];
  /** Token of the next page; empty at the end of the list. */
  readonly next: string;
};

/** Sends the request at once. @param token the one that the page before named; empty for the first */
export function requestPage<Item>(
  transport: Transport,
  options: ListOptions<Item>,
  token: string,
  signal: AbortSignal,
): PageRequest<Item> {
  const request = resourceRequest("list", options.resource, {
    query: queryOf(options.fieldSelector, token),
    ...(options.accept === undefined ? {} : { accept: options.accept }),
  });
  const project = (item: unknown, kind: string): Item => {
    if (isJsonObject(item) && (stringAt(objectAt(item, "metadata"), "name") ?? "") !== "")
      return options.project(item, kind);
    throw brokenList(request, "the list holds something without a name");
  };
  const turn = Promise.withResolvers<void>();
  const givenUp = new AbortController();
  let reader: ItemReader<Item> | undefined;
  let following: PageRequest<Item> | undefined;

  const abandonFollowing = () => {
    following?.abandon();
    following = undefined;
  };
  /** For each attempt: the page that a cut one named may not be the one that this will name, and it holds a connection. */
  const openReader = () => {
    abandonFollowing();
    reader = createItemReader({
      project,
      onHead: (head) => {
        const next = nextOf(head);
        if (next !== "" && next !== token) following = requestPage(transport, options, next, signal);
      },
      ...(options.ignored === undefined ? {} : { ignored: options.ignored }),
    });
    return { ...reader, turn: turn.promise };
  };

  const answer = transport.send(request, AbortSignal.any([signal, givenUp.signal]), openReader);
  // It may fail before its turn, when nobody waits for it yet; whoever reads it is told.
  answer.catch(() => {});
  return {
    token,
    offeredTwice: () => doesNotMoveOn(request),
    read: async () => {
      turn.resolve();
      const page = await answer;
      const kind = kindOf(page, request, options);
      const next = nextOf(page);
      if (next !== "" && next === token) throw doesNotMoveOn(request);
      const left = arrayAt(page, "items").map((it) => project(it, kind.slice(0, -"List".length)));
      return { items: [...(reader?.items ?? []), ...left], next };
    },
    following: (next) => {
      if (following?.token !== next) abandonFollowing();
      return following;
    },
    abandon: () => {
      givenUp.abort();
      turn.resolve();
      abandonFollowing();
    },
  };
}

function queryOf(fieldSelector: string | undefined, token: string): string {
  const select = fieldSelector === undefined ? "" : `&fieldSelector=${encodeURIComponent(fieldSelector)}`;
  return `limit=${pageSize}${select}${token === "" ? "" : `&continue=${encodeURIComponent(token)}`}`;
}

function nextOf(list: JsonObject): string {
  return stringAt(objectAt(list, "metadata"), "continue") ?? "";
}

function kindOf(
  page: JsonObject,
  request: ApiRequest,
  { kind: expected, resource }: Pick<ListOptions<unknown>, "kind" | "resource">,
): string {
  const kind = stringAt(page, "kind") ?? "";
  const isAsked =
    expected === undefined
      ? kind.endsWith("List") && resourceOfKind(kind.slice(0, -"List".length)) === resource.resource
      : kind === expected;
  if (!isAsked)
    throw brokenList(
      request,
      `expected ${expected ?? `a list of ${resource.resource}`} and got ${kind === "" ? "no kind" : kind.slice(0, 80)}`,
    );
  const apiVersion = stringAt(page, "apiVersion") ?? resource.groupVersion;
  if (kind !== METADATA_LIST && apiVersion !== resource.groupVersion)
    throw brokenList(request, `expected ${resource.groupVersion} and got ${apiVersion.slice(0, 80)}`);
  // An empty list of metadata is written without a list.
  const isEmpty = page["items"] === null && kind === METADATA_LIST;
  if (!isEmpty && !Array.isArray(page["items"])) throw brokenList(request, "the list has no items");
  return kind;
}

/** A server, or a proxy before it, that offers a page again would be asked for ever. */
function doesNotMoveOn(request: ApiRequest): UnreachableError {
  return brokenList(request, "the list does not move on: the same page was offered twice");
}

function brokenList(request: ApiRequest, what: string): UnreachableError {
  return new UnreachableError(`${describeRequest(request)}: ${what}`, "protocol");
}
