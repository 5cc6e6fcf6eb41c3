/** The parts of package.json and package-lock.json that are looked at. */
export type Manifest = Readonly<Record<string, unknown>>;
export type Lock = { readonly packages?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
export function lockProblems(manifest: Manifest, lock: Lock): string[];
export function notInstalled(lock: Lock, installed: Lock): string[];
