import type { Config } from "jest";

/** One jest project per folder of `test/`; `npm test -- --selectProjects unit` runs one of them. */
const projects = ["unit", "scenarios", "contract", "functions", "infra", "end-to-end"] as const;

const config: Config = {
  projects: projects.map((name) => ({
    displayName: name,
    rootDir: ".",
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    testEnvironment: "node",
    setupFiles: ["<rootDir>/test/setup/same-seed-in-ci.ts"],
    extensionsToTreatAsEsm: [".ts"],
    transform: {
      "^.+\\.ts$": [
        "@swc/jest",
        {
          jsc: {
            target: "es2024",
            parser: { syntax: "typescript" },
            experimental: { keepImportAttributes: true },
          },
          module: { type: "es6" },
        },
      ],
    },
    modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/cdk.out"],
  })),
  testTimeout: 120_000,
  // Many tests wait for servers: on two cores, three at a time keep them busy.
  maxWorkers: 3,
};

export default config;
