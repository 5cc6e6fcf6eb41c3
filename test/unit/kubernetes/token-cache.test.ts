import { expect, test } from "@jest/globals";
import { createTokenCache, type ExpiringToken } from "../../../lib/kubernetes/connection/token-cache.ts";

const signal = new AbortController().signal;

function world(first?: ExpiringToken) {
  let now = 0;
  let renewals = 0;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const renew = () => Promise.resolve({ token: `t${++renewals}`, expiresAt: now + 10_000 });
  const ask = createTokenCache(renew, clock, first);
  return { ask, pass: (milliseconds: number) => (now += milliseconds), renewals: () => renewals };
}

test("a token is kept until it expires", async () => {
  const { ask, pass } = world();
  expect(await ask(signal, false)).toBe("t1");
  pass(9_999);
  expect(await ask(signal, false)).toBe("t1");
  pass(1);
  expect(await ask(signal, false)).toBe("t2");
});

test("a refused token is renewed once for all who were refused with it", async () => {
  const { ask, pass, renewals } = world({ token: "first", expiresAt: undefined });
  expect(await ask(signal, false)).toBe("first");
  expect(await Promise.all([ask(signal, true), ask(signal, true)])).toEqual(["t1", "t1"]);
  expect(await ask(signal, true)).toBe("t1");
  pass(5_000);
  expect(await ask(signal, true)).toBe("t2");
  expect(renewals()).toBe(2);
});

test("a failed renewal is tried again by the next who asks", async () => {
  let attempts = 0;
  const renew = () =>
    ++attempts === 1
      ? Promise.reject(new Error("no"))
      : Promise.resolve({ token: "t", expiresAt: undefined });
  const ask = createTokenCache(renew, { now: () => 0, sleep: () => Promise.resolve() });
  await expect(ask(signal, false)).rejects.toThrow("no");
  expect(await ask(signal, false)).toBe("t");
});
