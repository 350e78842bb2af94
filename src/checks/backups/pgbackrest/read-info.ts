/** Asks pgBackRest what it has of one stanza. */
import type { BackupProvider } from '../../../model/backups.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';
import type { StanzaInfo } from './info-schema.ts';

export type PgBackRestProvider = Extract<BackupProvider, { readonly kind: 'pgbackrest' }>;

export type InfoReading =
  | { readonly kind: 'stanza'; readonly stanza: StanzaInfo }
  | { readonly kind: 'no-answer'; readonly end: ProgramEnd }
  | { readonly kind: 'not-understood'; readonly why: string };

/** A repository may be on the other side of the world. */
export const INFO_TIMEOUT_MS = 60_000;

/** As it would be typed. */
export function infoCommand({ program, arguments: before, stanza }: PgBackRestProvider): readonly string[] {
  return [program, ...before, `--stanza=${stanza}`, '--output=json', 'info'];
}

/** Error: `interrupted`. */
export async function readInfo(provider: PgBackRestProvider, cwd: string, signal?: AbortSignal): Promise<InfoReading> {
  const [program = '', ...args] = infoCommand(provider);
  const end = await runProgram({ program, args, cwd, timeoutMs: INFO_TIMEOUT_MS, signal });
  if (end.kind !== 'ended' || end.exitCode !== 0) return { kind: 'no-answer', end };
  return parse(end.output, provider.stanza);
}

async function parse(output: string, name: string): Promise<InfoReading> {
  const { infoSchema } = await import('./info-schema.ts');
  let value: unknown;
  try {
    // A system identifier has more digits than a number keeps.
    value = JSON.parse(output.replace(/("system-id"\s*:\s*)(\d+)/g, '$1"$2"'));
  } catch (error) {
    return { kind: 'not-understood', why: `no JSON: ${(error as Error).message}` };
  }
  const parsed = infoSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { kind: 'not-understood', why: `${issue!.path.join('.')}: ${issue!.message}` };
  }
  const stanza = parsed.data.find((one) => one.name === name);
  return stanza
    ? { kind: 'stanza', stanza }
    : { kind: 'not-understood', why: `it does not speak of the stanza ${name}` };
}
