import { afterEach, expect, jest, test } from "@jest/globals";
import { systemClock } from "../../../lib/ports/clock.ts";

afterEach(() => {
  jest.useRealTimers();
});

const DAY = 86_400_000;

test("a pause of thirty days is one: Node's timers end at 24.8, and a longer one fires at once", async () => {
  jest.useFakeTimers();
  let over = false;
  void systemClock.sleep(30 * DAY).then(() => (over = true));
  await jest.advanceTimersByTimeAsync(30 * DAY - 1);
  expect(over).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(over).toBe(true);
});

test("a signal ends it, in the second part too", async () => {
  jest.useFakeTimers();
  const stop = new AbortController();
  const ended = systemClock.sleep(30 * DAY, stop.signal).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(26 * DAY);
  stop.abort(new Error("stop"));
  expect(await ended).toEqual(new Error("stop"));
});
