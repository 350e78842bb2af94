/** `fingerprint`: the digest of the owned schemas, saved to a file or compared with one. */

import { compareWithFile, readFingerprintFile, writeFingerprintFile } from '../../migrator/drift/fingerprint-file.ts';
import { fingerprint } from '../../migrator/fingerprint.ts';
import type { TakenFingerprint } from '../../model/drift.ts';
import { ProblemError } from '../../model/problem.ts';
import { connect } from '../../postgres/connect.ts';
import { diffText } from '../../report/migrator/diff-text.ts';
import { fingerprintText } from '../../report/migrator/fingerprint-text.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';

interface FingerprintFlags {
  readonly objects?: boolean;
  readonly save?: string;
  readonly compare?: string;
}

export const fingerprintCommand: CommandSpec<FingerprintFlags> = {
  name: 'fingerprint',
  about: 'Show the digest of the schemas that the migrations own: equal digests, equal schemas. Changes nothing.',
  options: [
    ['--objects', 'list every object with its definition'],
    ['--save <file>', 'write it to a file, to compare with later'],
    ['--compare <file>', 'compare with a file that was saved; exit with 3 where they differ'],
  ],
  work: async (call, flags) => {
    if (flags.save !== undefined && flags.compare !== undefined) throw bothGiven();
    const taken = await take(call);
    if (flags.compare !== undefined) return compare(call, taken, flags.compare);
    if (flags.save !== undefined) await writeFingerprintFile(flags.save, taken);
    const { objects: _, ...short } = taken;
    const saved = flags.save === undefined ? [] : [`saved to ${flags.save}`];
    return {
      json: flags.objects ? taken : short,
      text: [fingerprintText(taken, flags.objects ? 'every-object' : 'counts'), ...saved].join('\n'),
    };
  },
};

async function take(call: Call): Promise<TakenFingerprint> {
  const { url } = await call.database();
  const { schemas, ledgerSchema } = call.set;
  const session = await connect({ url, applicationName: 'drydock:fingerprint', purpose: 'read' });
  try {
    const { digest, objects } = await fingerprint(session.client, { schemas, ledgerSchema });
    const server = Math.floor(session.serverVersion / 10_000);
    return { database: session.describe, schemas, server, digest, takenAt: new Date().toISOString(), objects };
  } finally {
    await session.close();
  }
}

async function compare(call: Call, taken: TakenFingerprint, file: string): Promise<Answer> {
  const diff = compareWithFile(await readFingerprintFile(file), taken, file);
  return { json: diff, text: diffText(diff, call.palette), exitCode: diff.differences.length > 0 ? 3 : 0 };
}

function bothGiven(): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: '--save and --compare were both given',
    expected: 'one of them',
    next: 'leave one of them out',
  });
}
