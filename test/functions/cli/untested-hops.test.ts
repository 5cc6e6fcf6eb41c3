import { expect, test } from "@jest/globals";
import { untestedHops } from "../../../functions/cli/run/untested-hops.ts";

test("an encrypted way without a proxy is tested hop by hop", () => {
  expect(untestedHops({ encrypted: true, proxy: undefined, notes: [] })).toEqual({});
});

test("behind a proxy nobody here sees the name and the connection, but TLS goes through", () => {
  expect(Object.keys(untestedHops({ encrypted: true, proxy: "http://proxy:3128", notes: [] }))).toEqual([
    "dns",
    "tcp",
  ]);
});

test("in clear there is neither TLS nor anybody who says who we are", () => {
  expect(untestedHops({ encrypted: false, proxy: undefined, notes: ["they are withheld"] })).toEqual({
    credentials: "they are withheld",
    tls: "there is none: the server address is http://",
    authentication: "nothing was sent that proves who we are",
  });
  expect(untestedHops({ encrypted: false, proxy: undefined, notes: [] })).toMatchObject({
    credentials: "there are none",
  });
});
