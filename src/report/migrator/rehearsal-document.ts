/** A rehearsal as a document for a ticket or a repository: the same facts as on the terminal, in tables. */
import { formatDuration } from '../../model/duration.ts';
import type { Rehearsal, RehearsedMigration, RehearsedPass } from '../../model/rehearsal.ts';
import { type Block, cell, code, type ReportDocument, type Section } from '../document.ts';
import { markdownReport } from '../markdown.ts';
import {
  isGood,
  mirrorWords,
  nameOf,
  observedTexts,
  rehearsalFacts,
  VERDICT_WORDS,
  verdictSentence,
} from './rehearsal-text.ts';

/** In Markdown; ends with a line break. */
export function rehearsalMarkdown(rehearsal: Rehearsal): string {
  return markdownReport(rehearsalDocument(rehearsal));
}

function rehearsalDocument(rehearsal: Rehearsal): ReportDocument {
  const good = rehearsal.verdict === 'mirrors';
  return {
    title: `Rehearsal for ${rehearsal.target}`,
    verdict: {
      word: VERDICT_WORDS[rehearsal.verdict],
      tone: good ? 'good' : 'bad',
      sentence: `${verdictSentence(rehearsal)}.`,
      meaning: `It holds for the plan ${rehearsal.planDigest.slice(0, 12)}.`,
    },
    sections: [
      {
        title: 'Where and how',
        blocks: [{ kind: 'facts', rows: rehearsalFacts(rehearsal).map(([a, b]) => [a, cell(b)]) }],
      },
      { title: 'Migrations', blocks: [migrationTable(rehearsal)] },
      ...rehearsal.migrations.flatMap(differencesOf),
      ...lines('Up again', rehearsal.differencesAtEnd),
      ...lines(
        'What failed',
        rehearsal.problems.map(({ code: name, message, found }) => `${name}: ${message}${found ? `\n${found}` : ''}`),
      ),
      ...lines('Not made in the throw-away database', lackingOf(rehearsal)),
      ...lines('Different from the target', rehearsal.likeTarget.kind === 'differs' ? rehearsal.likeTarget.lines : []),
    ],
    footer: `Drydock ${rehearsal.drydockVersion}, rehearsal ${rehearsal.id}`,
  };
}

function migrationTable({ migrations, madeHere }: Rehearsal): Block {
  return {
    kind: 'table',
    head: ['Migration', 'Up', 'Down', 'Rollback', 'Up again', 'On tables of others'],
    rows: migrations.map((one) => [
      code(nameOf(one)),
      cell(timeOf(one.up)),
      cell(timeOf(one.down)),
      cell(mirrorWords(one), isGood(one) ? 'good' : 'bad'),
      cell(timeOf(one.upAgain)),
      cell(observedTexts(one.up?.observed, madeHere).join('\n')),
    ]),
  };
}

function timeOf(pass: RehearsedPass | null): string {
  if (!pass) return '–';
  return pass.outcome === 'failed' ? 'failed' : formatDuration(pass.durationMs);
}

function differencesOf(migration: RehearsedMigration): Section[] {
  return lines(`What the rollback of ${nameOf(migration)} does not bring back`, migration.differences);
}

function lackingOf({ schemaFrom }: Rehearsal): readonly string[] {
  return schemaFrom.kind === 'dump' ? schemaFrom.lacking.map(({ what, why }) => `${what}: ${why}`) : [];
}

function lines(title: string, all: readonly string[]): Section[] {
  return all.length === 0 ? [] : [{ title, blocks: [{ kind: 'lines', lines: all }] }];
}
