/** When a clone may be released. */
import { describe, expect, test } from "@jest/globals";
import type { Repository } from "../../../functions/local/release/read-repository.ts";
import { notesOf, releaseProblems } from "../../../functions/local/release/release-problems.ts";

const ready: Repository = {
  version: "1.2.3",
  lockVersion: "1.2.3",
  changelog:
    "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-25\n\n### Added\n\n- It.\n\n## 1.2.2 - 2026-01-01\n\n- Old.\n",
  deployed: new Map([
    ["kustomization.yaml", "  newTag: 1.2.3\n"],
    ["deployment.yaml", "  image: hostendpoint-reconciler:1.2.3\n"],
  ]),
  changed: [],
  commit: "aaaaaaaaaa",
  tagged: undefined,
};

test("a clone that is ready has no problem, tagged or not yet", () => {
  expect(releaseProblems(ready)).toEqual([]);
  expect(releaseProblems({ ...ready, tagged: ready.commit })).toEqual([]);
});

test("the notes are those of this version alone", () => {
  expect(notesOf(ready)).toBe("### Added\n\n- It.");
  expect(notesOf({ ...ready, version: "1.2.2" })).toBe("- Old.");
  expect(notesOf({ ...ready, changelog: "## [1.2.3] - 2026-11-25\n- Linked.\n" })).toBe("- Linked.");
});

describe("what stops a release", () => {
  test.each<[string, Partial<Repository>, RegExp]>([
    ["no version", { version: "1.2" }, /package\.json: version "1\.2" is no semantic version/],
    ["a lock file of another version", { lockVersion: "1.2.2" }, /package-lock\.json says version 1\.2\.2/],
    ["nothing in the changelog", { changelog: "## Unreleased\n\n- It.\n" }, /no heading "## 1\.2\.3 - /],
    ["a heading without a date", { changelog: "## 1.2.3\n\n- It.\n" }, /no heading/],
    [
      "another version whose name begins the same",
      { changelog: "## 1.2.30 - 2026-11-25\n- It.\n" },
      /no heading/,
    ],
    [
      "a heading without a word",
      { changelog: "## 1.2.3 - 2026-11-25\n\n## 1.2.2 - 2026-01-01\n- It.\n" },
      /says nothing/,
    ],
    [
      "manifests of another version",
      { deployed: new Map([["d.yaml", "newTag: 1.2.2"]]) },
      /d\.yaml runs image 1\.2\.2, not 1\.2\.3/,
    ],
    [
      "manifests of no version",
      { deployed: new Map([["d.yaml", "image: other"]]) },
      /d\.yaml runs image of no version/,
    ],
    [
      "changes that nobody committed",
      { changed: ["a", "b", "c", "d", "e", "f"] },
      /uncommitted changes: a, b, c, d, e and 1 more/,
    ],
    ["a tag on another commit", { tagged: "bbbbbbbbbb" }, /v1\.2\.3 is already the tag of bbbbbbb/],
  ])("%s", (_what, change, message) => {
    const problems = releaseProblems({ ...ready, ...change });
    expect(problems.join("\n")).toMatch(message);
  });
});
