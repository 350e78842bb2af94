/** Every statement kind that is understood, by family. A kind that is missing here is told to be opaque. */
import { ALTER_HANDLERS } from './alter-table.ts';
import { CREATE_HANDLERS } from './create-table.ts';
import { DATA_HANDLERS } from './data-statements.ts';
import { DROP_HANDLERS } from './drops.ts';
import type { Handlers } from './handlers.ts';
import { INDEX_HANDLERS } from './indexes.ts';
import { MAINTENANCE_HANDLERS } from './maintenance.ts';
import { QUIET_HANDLERS } from './quiet-statements.ts';
import { NAMING_HANDLERS } from './renames.ts';
import { TRIGGER_HANDLERS } from './triggers.ts';
import { VIEW_HANDLERS } from './views.ts';

export const HANDLERS: Handlers = {
  ...CREATE_HANDLERS,
  ...ALTER_HANDLERS,
  ...INDEX_HANDLERS,
  ...DROP_HANDLERS,
  ...NAMING_HANDLERS,
  ...TRIGGER_HANDLERS,
  ...VIEW_HANDLERS,
  ...DATA_HANDLERS,
  ...MAINTENANCE_HANDLERS,
  ...QUIET_HANDLERS,
};
