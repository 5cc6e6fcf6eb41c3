import type { Plugin } from "esbuild";

export const connectionsOfUndici: Plugin;
