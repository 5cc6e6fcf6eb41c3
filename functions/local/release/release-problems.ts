/** Why this clone cannot be released as it is, a sentence each; empty when it can. Pure. */
import type { Repository } from "./read-repository.ts";

/** https://semver.org, without build metadata. */
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/;

export function releaseProblems(repository: Repository): readonly string[] {
  const { version, lockVersion, deployed, changed, commit, tagged } = repository;
  const notes = notesOf(repository);
  return [
    ...(SEMVER.test(version) ? [] : [`package.json: version "${version}" is no semantic version`]),
    ...(lockVersion === version
      ? []
      : [`package-lock.json says version ${lockVersion}, package.json ${version}: npm version sets both`]),
    ...(notes === undefined
      ? [`CHANGELOG.md has no heading "## ${version} - YYYY-MM-DD": put what is under Unreleased under it`]
      : notes === ""
        ? [`CHANGELOG.md says nothing under ${version}`]
        : []),
    ...[...deployed]
      .filter(
        ([, text]) => imageVersions(text).some((it) => it !== version) || imageVersions(text).length === 0,
      )
      .map(
        ([file, text]) =>
          `${file} runs image ${imageVersions(text).join(", ") || "of no version"}, not ${version}`,
      ),
    ...(changed.length > 0 ? [`there are uncommitted changes: ${list(changed)}`] : []),
    ...(tagged !== undefined && tagged !== commit
      ? [
          `v${version} is already the tag of ${tagged.slice(0, 7)}, and this is ${commit.slice(0, 7)}: choose another version`,
        ]
      : []),
  ];
}

/** What the changelog says of this version; undefined when it has no dated heading for it. */
export function notesOf({
  changelog,
  version,
}: Pick<Repository, "changelog" | "version">): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((it) => {
    const heading = it.split("\n")[0] ?? "";
    return /^\[?([^\]\s]+)\]? - \d{4}-\d{2}-\d{2}$/.exec(heading)?.[1] === version;
  });
  return section?.split("\n").slice(1).join("\n").trim();
}

function imageVersions(text: string): readonly string[] {
  return [...text.matchAll(/newTag: (\S+)|image: hostendpoint-reconciler:(\S+)/g)].map(
    ([, tag, ofImage]) => tag ?? ofImage ?? "",
  );
}

function list(names: readonly string[]): string {
  return names.length <= 5
    ? names.join(", ")
    : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
}
