import { setTimeout as sleep } from "node:timers/promises";

const pollMilliseconds = 200;

/** Waits until the check answers something other than undefined or false. @throws Error with `what` and what `evidence` tells. */
export async function until<T>(
  what: string,
  seconds: number,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  evidence: () => string = () => "",
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await check();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}\n${evidence()}`);
    await sleep(pollMilliseconds);
  }
}
