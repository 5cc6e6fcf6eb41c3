import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { kubeconfigFor, tokenFile, withTokens } from "../../control-plane/users.ts";

const users = [
  { name: "reconciler", groups: ["hostendpoint-reconciler", "readers"] },
  { name: "nobody", groups: [] },
];

describe("users", () => {
  test("get tokens of their own", () => {
    const tokens = withTokens(users).map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
    expect(tokens[0]).toMatch(/^[0-9a-f]{48}$/);
  });

  test("of one name are refused: the server would take the first and forget the second", () => {
    expect(() => withTokens([...users, ...users])).toThrow("two users are called reconciler");
  });

  test("become lines of a token file", () => {
    expect(tokenFile(users.map((user) => ({ ...user, token: "t" })))).toBe(
      't,reconciler,reconciler,"hostendpoint-reconciler,readers"\nt,nobody,nobody,""\n',
    );
  });

  test("become a kubeconfig with one context that is in force", () => {
    const text = kubeconfigFor(
      { name: "bob", groups: [], token: "secret" },
      "https://127.0.0.1:6443",
      "Q0E=",
    );
    const config = parse(text) as Readonly<Record<string, unknown>>;
    expect(config).toMatchObject({
      "current-context": "control-plane",
      contexts: [{ name: "control-plane", context: { cluster: "control-plane", user: "bob" } }],
      clusters: [{ cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "Q0E=" } }],
      users: [{ name: "bob", user: { token: "secret" } }],
    });
  });
});
