export type NodeRelease = { readonly name: string; readonly version: string; readonly integrity: string };
export const RELEASES: Readonly<Record<string, NodeRelease>>;
export function isNewEnough(version: string): boolean;
export function newerNodeFolder(): string | undefined;
export function fetchRelease(release: NodeRelease, folder: string): void;
