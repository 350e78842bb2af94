/** `pnpm build`: the built command in `dist/`. Says nothing where all goes well. */
import { fileURLToPath } from 'node:url';
import { buildCommand } from './bundle.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[\\/]$/, '');
await buildCommand(root, `${root}/dist`);
