/**
 * YAML, in a module of its own: the package is CommonJS, whose names a bundler gives to a static import only, and it is
 * loaded when YAML is read or written.
 */
export { parseDocument, stringify } from "yaml";
