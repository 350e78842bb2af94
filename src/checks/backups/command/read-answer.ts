/** From the output of a command to the backups it reports, or to why it cannot be read. */
import type { ReportedBackup } from './answer-schema.ts';

export type Answer =
  | { readonly kind: 'backups'; readonly backups: readonly ReportedBackup[] }
  | { readonly kind: 'invalid'; readonly why: string };

const SHOWN_FAULTS = 5;

export async function readAnswer(output: string): Promise<Answer> {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch (error) {
    return {
      kind: 'invalid',
      why: output.trim() === '' ? 'it printed nothing' : `no JSON: ${(error as Error).message}`,
    };
  }
  const { answerSchema } = await import('./answer-schema.ts');
  const parsed = answerSchema.safeParse(value);
  if (parsed.success) return { kind: 'backups', backups: parsed.data.backups };
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
  return { kind: 'invalid', why: faults.slice(0, SHOWN_FAULTS).join('\n') };
}
