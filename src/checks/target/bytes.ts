/** `512 bytes`, `16 MB`, `1.5 GB`: sizes for reading, in steps of 1024. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const amount = bytes / 1024 ** power;
  return `${amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${units[power]}`;
}
