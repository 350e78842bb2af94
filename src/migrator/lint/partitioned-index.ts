/** How an index gets onto a partitioned table without stopping its writers: partition by partition, then attached. */
import type { IndexStmt } from 'libpg-query';
import { splitName } from '../effects/catalog-names.ts';
import type { CatalogView } from '../effects/catalog-view.ts';
import { nameOf } from '../statement-kinds.ts';
import { indexNameOf, onOnlyText, onPartitionText } from './index-text.ts';
import { derivedName, writtenName } from './names.ts';
import { steps } from './steps.ts';

/** The partitions as the view knows them; without any the first statement is all there is to do. */
export function partitionedIndexSteps(view: CatalogView, index: IndexStmt, text: string): string {
  const table = nameOf(index.relation);
  const name = writtenName({ schema: table.schema, name: indexNameOf(index) });
  const leaves = (view.table(table)?.partitions ?? [])
    .map(splitName)
    .filter((one) => view.table(one)?.kind === 'table');
  const built = leaves.map((one) => {
    const own = derivedName(one.name, indexNameOf(index));
    const attached = writtenName({ schema: one.schema, name: own });
    return {
      build: onPartitionText(text, own, writtenName(one)),
      attach: `ALTER INDEX ${name} ATTACH PARTITION ${attached}`,
    };
  });
  return steps(onOnlyText(index, text), ...built.map(({ build }) => build), ...built.map(({ attach }) => attach));
}
