/** Flyway's file names: `V1_2__name.sql`, `U1_2__name.sql`, `B3__name.sql`. Pure. */

export interface FlywayName {
  /** Relative to the directory. */
  readonly file: string;
  /** `V` goes up, `U` takes it back, `B` stands for everything up to its version on a fresh database. */
  readonly kind: 'V' | 'U' | 'B';
  /** With dots between its numbers: `1.2`. */
  readonly version: string;
  readonly name: string;
}

const NAME = /^([VUB])(\d+(?:[._]\d+)*)__(.+)\.sql$/;

/** `file` may lie below the directory, as Flyway looks there too. Undefined where it is no such name. */
export function flywayName(file: string): FlywayName | undefined {
  const match = NAME.exec(file.split('/').at(-1)!);
  if (!match) return undefined;
  const [, kind, version, name] = match;
  return { file, kind: kind as FlywayName['kind'], version: version!.replaceAll('_', '.'), name: name! };
}
