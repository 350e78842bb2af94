/** Where the sidecar of a dump is: a file of JSON that Drydock writes beside the dumps that it takes itself. */

const SUFFIX = '.drydock.json';

export function sidecarOf(dump: string): string {
  return `${dump}${SUFFIX}`;
}

export function isSidecar(file: string): boolean {
  return file.endsWith(SUFFIX);
}
