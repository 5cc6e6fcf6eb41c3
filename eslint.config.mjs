import { readdirSync } from "node:fs";
import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Rooms that wait for the outside; every other folder of `lib` decides: synchronous, from values only (lib/README.md). */
const DOING = [
  "snapshot",
  "apply",
  "recheck",
  "reconcile",
  "release",
  "adopt",
  "import",
  "doctor",
  "explain",
  "simulate",
  "baseline",
];
const GATEWAYS = ["kubernetes", "aws", "observability", "ports", "config"];
const DECIDING_ROOMS = readdirSync("lib", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && ![...DOING, ...GATEWAYS].includes(entry.name))
  .map((entry) => entry.name);

export default tseslint.config(
  { ignores: ["dist", "cdk.out", "node_modules", "coverage"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
      "no-console": "error",
    },
  },
  {
    files: ["lib/**/*.ts", "functions/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ClassDeclaration:not([superClass])", message: "No classes but errors." },
        { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
      ],
    },
  },
  {
    files: DECIDING_ROOMS.map((room) => `lib/${room}/**/*.ts`),
    rules: {
      "no-restricted-globals": [
        "error",
        ...["process", "console", "setTimeout", "setInterval", "fetch"].map((name) => ({
          name,
          message: "A deciding room has no clock, environment, logger or network.",
        })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "A deciding room has no clock." },
        { object: "Math", property: "random", message: "A deciding room has no randomness." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "AwaitExpression", message: "A deciding room is synchronous." },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: "A deciding room has no clock.",
        },
        { selector: "ClassDeclaration:not([superClass])", message: "No classes but errors." },
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
      ],
    },
  },
  {
    files: [
      "test/bench/**/*.ts",
      "functions/local/**",
      "functions/cli/**/*.ts",
      "infra/**/*.ts",
      "test/**/*.ts",
    ],
    rules: { "no-console": "off" },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        module: "writable",
        __dirname: "readonly",
        setTimeout: "readonly",
      },
    },
  },
);
