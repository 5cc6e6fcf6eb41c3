/** The image without an engine: hadolint reads the Dockerfile, and its steps are done by hand in a folder. */
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { describeWithParts } from "../parts/describe-with-parts.ts";
import { runToEnd } from "../parts/run-to-end.ts";
import { pythonEnvironment } from "../localstack/python-environment.ts";
import { cloneOf, nowhere, PRIVATE } from "./pack-clone.ts";
import { runDockerfile } from "./run-dockerfile.ts";
import { runProgram } from "./run-program.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const requirements = fileURLToPath(new URL("./hadolint-requirements.txt", import.meta.url));
const locateHadolint = () =>
  pythonEnvironment("hadolint", "Installing hadolint: needed once, a few seconds", requirements);

await describeWithParts("the Dockerfile", [locateHadolint], () => {
  test("hadolint has nothing to say", async () => {
    const hadolint = join(dirname(await locateHadolint()), "hadolint");
    expect(await runToEnd(hadolint, ["Dockerfile"], { workingFolder: root })).toBe("");
  });

  test("hadolint would say something of one that is careless", async () => {
    const hadolint = join(dirname(await locateHadolint()), "hadolint");
    const { folder } = await cloneOf([]);
    await writeFile(join(folder, "Dockerfile"), "FROM node\nUSER root\nRUN cd /src\n");
    await expect(runToEnd(hadolint, ["Dockerfile"], { workingFolder: folder })).rejects.toThrow(/DL3006/);
  });

  test("its steps make an image that runs hepctl: not as root, with nothing of the person's, writing nothing", async () => {
    const context = await cloneOf(["functions", "infra", "lib"]);
    await mkdir(join(context.folder, "node_modules"), { recursive: true });
    await writeFile(join(context.folder, "node_modules", `${PRIVATE}.js`), "");
    const image = await runDockerfile(context.folder, {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    });
    await context.remove();
    // Distroless: no shell, no package manager. Its Node is where the entry point says.
    expect(image.base).toMatch(/^gcr\.io\/distroless\/nodejs24-.*:nonroot$/);
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const [node, entry = "", ...rest] = image.entrypoint;
    expect([node, rest]).toEqual(["/nodejs/bin/node", []]);

    const listing = async () =>
      (await readdir(image.folder, { recursive: true })).map((it) => join(image.folder, it)).sort();
    const files = await listing();
    expect(files.map((it) => it.slice(image.folder.length))).toContain("/app/dist/package/hepctl.mjs");
    expect(files.filter((it) => it.includes("node_modules") || it.includes(PRIVATE))).toEqual([]);
    // Any user may read it.
    for (const file of files) expect((await stat(file)).mode & 0o004).toBe(0o004);

    const surroundings = {
      folder: image.folder,
      environment: { ...(await nowhere()), HOME: "/dev/null" },
    };
    const run = (...args: readonly string[]) =>
      runProgram(process.execPath, [join(image.folder, entry), ...args], surroundings);
    expect((await run(...image.command)).stdout).toContain("Usage: hepctl");
    expect(await run("rbac")).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("kind: ClusterRole") as unknown,
    });
    expect(await listing()).toEqual(files);
  });
});
