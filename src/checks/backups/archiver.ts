/** The server's own archiver as a provider: WAL reaches the archive now. Whether a base backup is there it cannot tell. */
import { checkWalArchiving } from '../wal-archiving.ts';
import type { AskProvider } from './proof.ts';

export const askArchiver: AskProvider<'wal-archiving'> = ({ context, maxAgeMs }) =>
  checkWalArchiving(context, { kind: 'wal-archiving', maxAgeMs });
