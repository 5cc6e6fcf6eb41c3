import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { access, constants, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDownload } from "../../control-plane/binaries/from-download.ts";
import { releaseFiles, versions } from "../../control-plane/binaries/releases.ts";

const patienceMilliseconds = 300;
const etcdName = `etcd-${versions.etcd}-linux-amd64`;
const program = "#!/bin/sh\necho kube-apiserver\n";

let folder: string;
let servers: Server[];
let announced: string[];

beforeEach(async () => {
  process.env["NO_PROXY"] = "127.0.0.1";
  folder = await mkdtemp(join(tmpdir(), "download-test-"));
  servers = [];
  announced = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.close();
    if ("closeAllConnections" in server)
      (server as ReturnType<typeof createHttpServer>).closeAllConnections();
  }
  await rm(folder, { recursive: true });
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Publishes the files of a release; `files` maps the end of a path to its content. */
async function publish(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  return listen(
    createHttpServer((request, response) => {
      const found = Object.entries(files).find(([end]) => request.url?.endsWith(end));
      response.writeHead(found === undefined ? 404 : 200).end(found?.[1]);
    }),
  );
}

/** Patient where the file is there: a busy machine is no reason to give up. */
async function download(host: string, patience = patienceMilliseconds) {
  const began = Date.now();
  const answer = await fromDownload({
    cache: join(folder, "cache"),
    key: "official",
    files: releaseFiles({ kubernetes: host, etcd: host }, "linux", "x64"),
    announce: (line) => announced.push(line),
    patienceMilliseconds: patience,
  });
  return { answer, milliseconds: Date.now() - began };
}

async function etcdArchive(): Promise<Buffer> {
  await mkdir(join(folder, etcdName));
  await writeFile(join(folder, etcdName, "etcd"), "#!/bin/sh\necho etcd\n");
  const archive = join(folder, "archive.tar.gz");
  execFileSync("tar", ["-czf", archive, "-C", folder, etcdName]);
  return readFile(archive);
}

function sumOf(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function release(): Promise<Record<string, string | Buffer>> {
  const archive = await etcdArchive();
  return {
    "/kube-apiserver": program,
    "/kube-apiserver.sha256": sumOf(program),
    [`/${etcdName}.tar.gz`]: archive,
    "/SHA256SUMS": `${sumOf("other")}  other.tar.gz\n${sumOf(archive)}  ${etcdName}.tar.gz\n`,
  };
}

describe("downloading the official programs", () => {
  test("with the right sums they end in the cache, executable", async () => {
    const { answer } = await download(await publish(await release()), 60_000);
    if (answer.kind !== "found") throw new Error(answer.reason);
    expect(await readFile(answer.programs.kubeApiserver, "utf8")).toBe(program);
    expect(execFileSync(answer.programs.etcd, { encoding: "utf8" })).toBe("etcd\n");
    await access(answer.programs.kubeApiserver, constants.X_OK);
    expect((await readdir(join(folder, "cache", "official"))).sort()).toEqual(["etcd", "kube-apiserver"]);
  });

  test.each(["/kube-apiserver.sha256", "/SHA256SUMS"])(
    "a wrong sum in %s keeps nothing and says so",
    async (file) => {
      const files = await release();
      const wrong = String(files[file]).replaceAll(/[0-9a-f]{64}/g, sumOf("something else"));
      const { answer } = await download(await publish({ ...files, [file]: wrong }));
      expect(answer).toMatchObject({ kind: "absent", reason: expect.stringContaining("instead of") });
      expect(await readdir(join(folder, "cache"))).toEqual([]);
    },
  );

  test("sums that do not name the file keep nothing", async () => {
    const { answer } = await download(await publish({ ...(await release()), "/SHA256SUMS": "abc  other\n" }));
    expect(answer).toMatchObject({
      kind: "absent",
      reason: expect.stringContaining("no checksum is published"),
    });
  });

  test("a network that refuses is found out at once, without a word", async () => {
    const host = await publish({});
    servers[0]?.close();
    await once(servers[0] as Server, "close");
    const { answer, milliseconds } = await download(host);
    expect(answer).toMatchObject({ kind: "absent", reason: expect.stringContaining("ECONNREFUSED") });
    expect(milliseconds).toBeLessThan(patienceMilliseconds + 2_000);
    expect(announced).toEqual([]);
  });

  test("a network that swallows everything is given up after the patience, without a word", async () => {
    const { answer, milliseconds } = await download(await listen(createServer(() => undefined)));
    expect(answer).toMatchObject({ kind: "absent", reason: expect.stringContaining("timeout") });
    expect(milliseconds).toBeGreaterThanOrEqual(patienceMilliseconds - 50);
    expect(milliseconds).toBeLessThan(patienceMilliseconds + 2_000);
    expect(announced).toEqual([]);
  });

  test("a proxy's refusal is an answer too", async () => {
    const { answer } = await download(await publish({}));
    expect(answer).toMatchObject({ kind: "absent", reason: expect.stringContaining("answered 404") });
    expect(announced).toEqual([]);
  });

  test("nothing is asked where no official kube-apiserver is published", async () => {
    const files = releaseFiles(
      { kubernetes: "http://127.0.0.1:1", etcd: "http://127.0.0.1:1" },
      "darwin",
      "arm64",
    );
    expect(files).toBeUndefined();
    const answer = await fromDownload({
      cache: folder,
      key: "official",
      files,
      announce: (line) => announced.push(line),
      patienceMilliseconds,
    });
    expect(answer).toMatchObject({
      kind: "absent",
      reason: expect.stringContaining("no official kube-apiserver"),
    });
  });
});
