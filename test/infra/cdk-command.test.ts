/**
 * `npm run synth -- NAME` and its sisters, as a person runs them: child processes of the pinned CDK command line, with no AWS
 * account and, where the kernel lets us, no network at all.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { rbacYaml } from "../../lib/names/cluster-role.ts";

const root = join(import.meta.dirname, "..", "..");

/** A name space of its own has no network but a loopback that is down. */
const isolate = ["unshare", "--map-root-user", "--net"];
const canIsolate = spawnSync(isolate[0] ?? "", [...isolate.slice(1), "true"]).status === 0;

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function command(...args: readonly string[]): Outcome {
  const line = [
    ...(canIsolate ? isolate : []),
    process.execPath,
    join(root, "functions", "local", "run.mjs"),
    join(root, "functions", "local", "cdk.ts"),
    ...args,
  ];
  const { status, stdout, stderr } = spawnSync(line[0] ?? "", line.slice(1), {
    cwd: root,
    encoding: "utf8",
    // No credentials, no configuration of AWS or CDK; where the network cannot be taken away, a proxy that does not exist.
    env: {
      PATH: process.env["PATH"],
      HOME: mkdtempSync(join(tmpdir(), "home-")),
      AWS_EC2_METADATA_DISABLED: "true",
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
    },
  });
  return { code: status, stdout, stderr };
}

/** A file of settings outside the repository. */
function settingsFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "clusters-")), "prod.yaml");
  writeFileSync(file, text);
  return file;
}

describe("synth", () => {
  test("works for the example without account and network, and says where everything is", () => {
    const { code, stderr } = command("synth", "example");
    const folder = join("cdk.out", "eu-west-1", "hostendpoint-reconciler-example");
    expect({ code, stderr: stderr.trim() }).toEqual({
      code: 0,
      stderr: `example: template in ${folder}, RBAC in ${join(folder, "rbac.yaml")}`,
    });
    expect(readFileSync(join(root, folder, "rbac.yaml"), "utf8")).toBe(rbacYaml());
    const { files } = JSON.parse(
      readFileSync(join(root, folder, "hostendpoint-reconciler-example.assets.json"), "utf8"),
    ) as {
      readonly files: Record<
        string,
        { readonly source: { readonly path: string; readonly packaging: string } }
      >;
    };
    const assets = Object.values(files).filter(({ source }) => source.packaging === "zip");
    expect(assets).toHaveLength(2);
    for (const { source } of assets) {
      expect(existsSync(join(root, folder, source.path, "index.mjs"))).toBe(true);
      const baked = JSON.parse(
        readFileSync(join(root, folder, source.path, "settings.json"), "utf8"),
      ) as object;
      expect(baked).toMatchObject({ cluster: { name: "example" }, lifecycle: { managedNodeGroups: false } });
    }
  });
});

/** The app as the CDK command line starts it, over settings files of a test. */
describe("the app without a context", () => {
  const app = (clusters: Readonly<Record<string, string>>) => {
    const folder = mkdtempSync(join(tmpdir(), "app-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const files = ["cdk.json", "package.json", "tsconfig.json", "package-lock.json"];
    for (const file of files) cpSync(join(root, file), join(folder, file));
    for (const name of ["functions", "lib", "infra"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    for (const [name, text] of Object.entries(clusters))
      writeFileSync(join(folder, "infra", "clusters", name), text);
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "functions/local/cdk-app.ts"],
      { cwd: folder, encoding: "utf8", env: { PATH: process.env["PATH"], CDK_OUTDIR: join(folder, "out") } },
    );
    const stacks =
      status === 0
        ? readdirSync(join(folder, "out"))
            .filter((it) => it.endsWith(".template.json"))
            .sort()
        : [];
    rmSync(folder, { recursive: true, force: true });
    return { status, stderr, stacks };
  };
  const cluster = (name: string, more = "") =>
    `cluster: {name: ${name}, region: eu-west-1, account: "111122223333"}\n${more}`;

  test("has one stack for each file but the reference; without one it says how to begin", () => {
    expect(app({ "blue.yaml": cluster("blue"), "green.yaml": cluster("green") })).toMatchObject({
      status: 0,
      stacks: ["hostendpoint-reconciler-blue.template.json", "hostendpoint-reconciler-green.template.json"],
    });
    const none = app({});
    expect(none.stacks).toEqual([]);
    expect(none.stderr).toMatch(/^No cluster has settings yet/);
  });

  test("refuses a bad selector, and two files for one stack, with the sentences of the command", () => {
    const bad = app({ "blue.yaml": cluster("blue", 'endpoints: [{nodes: "a ==="}]\n') });
    expect(bad.status).toBe(64);
    expect(bad.stderr).toMatch(
      /^One problem in the settings:\n {2}infra\/clusters\/blue\.yaml:2: endpoints\[0\]\.nodes: /,
    );
    const twice = app({ "blue.yaml": cluster("blue"), "copy.yaml": cluster("blue") });
    expect(twice.status).toBe(64);
    expect(twice.stderr).toMatch(/copy\.yaml: cluster, id, region and account are those of .*blue\.yaml/);
  });
});

describe("a mistake costs one sentence and exit code 64, and CDK is not started", () => {
  test.each([
    [
      "no command",
      [],
      "usage: npm run bootstrap|synth|diff|deploy|destroy -- NAME [ARG ...]; NAME is one of: none yet (npm run --silent hepctl -- init --cluster NAME)\n",
    ],
    ["no name", ["deploy"], "Which cluster? Name a file of infra/clusters: nothing yet.\n"],
    [
      "an unknown name",
      ["synth", "exmaple"],
      "There is no infra/clusters/exmaple.yaml. infra/clusters has: nothing yet. " +
        "For a new cluster: npm run --silent hepctl -- init --cluster exmaple --region REGION\n",
    ],
  ])("%s", (_mistake, args, stderr) => {
    expect(command(...args)).toEqual({ code: 64, stdout: "", stderr });
  });

  test("an invalid selector, with its line", () => {
    const file = settingsFile(
      'cluster: {name: prod, region: eu-west-1, account: "111122223333"}\nendpoints: [{nodes: "a ==="}]\n',
    );
    const { code, stderr } = command("diff", file);
    expect(code).toBe(64);
    expect(stderr).toMatch(/^One problem in the settings:\n {2}.*prod\.yaml:2: endpoints\[0\]\.nodes: .+\n$/);
  });
});

describe("destroy", () => {
  const file = settingsFile(
    'cluster: {name: prod, region: eu-west-1, account: "111122223333"}\nonDestroy: remove\n',
  );

  test("with onDestroy: remove asks first, and does nothing without an answer", () => {
    expect(command("destroy", file)).toEqual({
      code: 64,
      stdout: "",
      stderr:
        "onDestroy: remove deletes every HostEndpoint that we own in cluster prod in eu-west-1 of account 111122223333, and then the stack. " +
        "There is no terminal to ask: add --force.\n",
    });
  });

  test("goes on to the stack when the endpoints cannot be removed", () => {
    const { code, stderr } = command("destroy", file, "--force");
    expect(stderr).toMatch(
      /^Removing the HostEndpoints of cluster prod in eu-west-1 of account 111122223333 \.\.\.$/m,
    );
    const [, after = ""] = stderr.split("hostendpoint-reconciler-prod-release did not remove them");
    expect(after).toMatch(/The stack goes all the same\. If the cluster still exists: hepctl release /);
    // CDK was reached: it is what now misses credentials.
    expect(after).toMatch(/credentials/);
    expect(code).toBe(1);
  });
});
