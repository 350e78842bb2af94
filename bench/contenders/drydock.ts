/** Ours, as the bundled command and by way of tsx. */
import path from 'node:path';
import { type Contender, type Scenario, writePairs } from '../contender.ts';

const COMMANDS: Readonly<Record<Scenario, readonly string[]>> = {
  fresh: ['migrate'],
  again: ['migrate'],
  status: ['status'],
  rollback: ['rollback'],
};

/** `program`: the arguments of Node that start it. */
export function drydock(name: string, program: readonly string[]): Contender {
  return {
    name,
    kind: 'ours',
    layOut: (set, { directory }) => writePairs(set, directory),
    command: (scenario, set, { url, directory }) => ({
      file: process.execPath,
      args: [...program, ...COMMANDS[scenario], '--dir', directory, '--schema', set.schema, '--url', url],
      cwd: path.dirname(directory),
    }),
  };
}
