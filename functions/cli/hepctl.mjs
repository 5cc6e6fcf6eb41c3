#!/usr/bin/env node
/**
 * `hepctl`: in a clone it is bundled first where its sources are newer; in npm's package, which has no sources, the bundle is
 * there. Plain JavaScript that an old Node can read, so that it can say that it is too old.
 */
import { existsSync } from "node:fs";

const inClone = new URL("./from-clone.mjs", import.meta.url);
const inPackage = new URL("../../dist/package/hepctl.mjs", import.meta.url);
await import(existsSync(inClone) ? inClone.href : inPackage.href);
