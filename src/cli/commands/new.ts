/** `new <name>`: the two files of the next migration. It needs no database. */
import path from 'node:path';
import { writeMigration } from '../../migrator/new-migration.ts';
import type { CommandSpec } from '../command.ts';

export const newCommand: CommandSpec = {
  name: 'new',
  about: 'Write the two files of a new migration, with the next number and notes on short locks.',
  operands: [['<name>', 'letters, digits, _ and -: add_orders']],
  work: async ({ set }, { operands }) => {
    const written = await writeMigration({ where: set, schema: set.schemas[0]!, name: operands[0]!, now: new Date() });
    const shown = [written.up, written.down].map((file) => path.relative(process.cwd(), file) || file);
    return { json: written, text: shown.map((file) => `written: ${file}`).join('\n') };
  },
};
