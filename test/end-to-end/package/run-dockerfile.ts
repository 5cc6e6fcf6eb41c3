/**
 * What an engine does with a Dockerfile, by hand in a folder: each stage is a folder that stands for its root, COPY copies what
 * .dockerignore lets through, RUN runs in WORKDIR. No isolation and no base image: a step must find its programs on this
 * machine and name its files relative to WORKDIR.
 */
import { cp, mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DockerfileParser, type Copy, type Instruction } from "dockerfile-ast";
import { runToEnd } from "../parts/run-to-end.ts";

export type Image = {
  /** Stands for `/`. */
  readonly folder: string;
  readonly base: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
};

/** Runs the Dockerfile of a folder. @throws Error with the step that failed, or that it does not know */
export async function runDockerfile(
  context: string,
  environment: Readonly<Record<string, string>>,
): Promise<Image> {
  const file = DockerfileParser.parse(await readFile(join(context, "Dockerfile"), "utf8"));
  const isSent = readIgnored(await readFile(join(context, ".dockerignore"), "utf8"));
  const stages = new Map<string, string>();
  let image: Image = { folder: "", base: "", user: "", entrypoint: [], command: [] };
  let workingFolder = "/";
  for (const step of file.getInstructions()) {
    const argumentsOfStep = step.getArguments().map((it) => it.getValue());
    switch (step.getKeyword()) {
      case "FROM": {
        const folder = await mkdtemp(join(tmpdir(), "image-"));
        image = { folder, base: argumentsOfStep[0] ?? "", user: "", entrypoint: [], command: [] };
        workingFolder = "/";
        if (argumentsOfStep[1] === "AS") stages.set(argumentsOfStep[2] ?? "", folder);
        break;
      }
      case "WORKDIR":
        workingFolder = argumentsOfStep[0] ?? "/";
        await mkdir(join(image.folder, workingFolder), { recursive: true });
        break;
      case "COPY": {
        const from = (step as Copy)
          .getFlags()
          .find((it) => it.getName() === "from")
          ?.getValue();
        const stage = from === undefined || from === null ? undefined : stages.get(from);
        const to = argumentsOfStep.at(-1) ?? "";
        const target = to.startsWith("/") ? join(image.folder, to) : join(image.folder, workingFolder, to);
        for (const source of argumentsOfStep.slice(0, -1))
          await copy({
            base: stage ?? context,
            source,
            target,
            isSent: stage === undefined ? isSent : () => true,
          });
        break;
      }
      case "RUN":
        await runToEnd("/bin/sh", ["-c", step.getArgumentsContent() ?? ""], {
          workingFolder: join(image.folder, workingFolder),
          environment,
        });
        break;
      case "USER":
        image = { ...image, user: argumentsOfStep[0] ?? "" };
        break;
      case "ENTRYPOINT":
        image = { ...image, entrypoint: listOf(step) };
        break;
      case "CMD":
        image = { ...image, command: listOf(step) };
        break;
      case "LABEL":
        break;
      default:
        throw new Error(`no ${step.getKeyword()} by hand yet: add it to run-dockerfile.ts`);
    }
  }
  return image;
}

type CopyRequest = {
  readonly base: string;
  readonly source: string;
  readonly target: string;
  readonly isSent: (path: string) => boolean;
};

/** A folder gives its content, a file goes into a target that ends with "/" and beside nothing else. */
async function copy({ base, source, target, isSent }: CopyRequest): Promise<void> {
  const from = join(base, source);
  const relative = (path: string) => path.slice(base.length + 1);
  const intoFolder = target.endsWith("/") && source !== ".";
  await cp(from, intoFolder ? join(target, source) : target, {
    recursive: true,
    filter: (path) => path === base || path === from || isSent(relative(path)),
  });
  await mkdir(dirname(target), { recursive: true });
}

/** .dockerignore that begins with `*`: what is named with `!` is sent, but for what is named without it later. */
function readIgnored(text: string): (path: string) => boolean {
  const lines = text.split("\n").filter((it) => it !== "" && !it.startsWith("#"));
  if (lines[0] !== "*") throw new Error(".dockerignore sends more than it names: it must begin with *");
  const within = (path: string, pattern: string) => path === pattern || path.startsWith(`${pattern}/`);
  return (path) =>
    lines.reduce(
      (sent, line) =>
        line === "*"
          ? false
          : line.startsWith("!")
            ? sent || within(path, line.slice(1))
            : sent && !within(path, line),
      false,
    );
}

function listOf(step: Instruction): readonly string[] {
  return JSON.parse(step.getArgumentsContent() ?? "[]") as readonly string[];
}
