/**
 * Reads a list whole, page by page, or throws.
 * Each page is projected while it arrives, so that never more than some dozens of full objects are in memory.
 * A token that has become too old (410) starts the list again from the beginning, a bounded number of times.
 */
import { ExpiredError } from "../../model/errors.ts";
import { type ListOptions, requestPage } from "./page-request.ts";
import type { Transport } from "../connection/transport.ts";

const restarts = 3;

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
  const found: Item[] = [];
  const tokens = new Set<string>();
  let page = requestPage(transport, options, "", signal);
  try {
    for (;;) {
      const { items, next } = await page.read();
      for (const item of items) found.push(item);
      if (next === "") return found;
      if (tokens.has(next)) throw page.offeredTwice();
      tokens.add(next);
      page = page.following(next) ?? requestPage(transport, options, next, signal);
    }
  } finally {
    page.abandon();
  }
}
