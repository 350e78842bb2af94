/** The one list of rules, in the order of the index of their pages. */
import type { Rule } from './rule.ts';
import { allowComment } from './rules/allow-comment.ts';
import { alterSystem } from './rules/alter-system.ts';
import { attachWithoutCheck } from './rules/attach-without-check.ts';
import { charType } from './rules/char-type.ts';
import { checkWithoutNotValid } from './rules/check-without-not-valid.ts';
import { columnDrop } from './rules/column-drop.ts';
import { columnRename } from './rules/column-rename.ts';
import { concurrentlyInTransaction } from './rules/concurrently-in-transaction.ts';
import { concurrentlyOnPartitionedTable } from './rules/concurrently-on-partitioned-table.ts';
import { databaseDrop } from './rules/database-drop.ts';
import { definerWithoutSearchPath } from './rules/definer-without-search-path.ts';
import { detachWithoutConcurrently } from './rules/detach-without-concurrently.ts';
import { doBlock } from './rules/do-block.ts';
import { domainConstraint } from './rules/domain-constraint.ts';
import { dropCascade } from './rules/drop-cascade.ts';
import { enumValueChanged } from './rules/enum-value-changed.ts';
import { enumValueUsed } from './rules/enum-value-used.ts';
import { exclusionConstraint } from './rules/exclusion-constraint.ts';
import { extensionCreated } from './rules/extension-created.ts';
import { foreignKeyWithoutIndex } from './rules/foreign-key-without-index.ts';
import { foreignKeyWithoutNotValid } from './rules/foreign-key-without-not-valid.ts';
import { generatedExpressionChange } from './rules/generated-expression-change.ts';
import { grantToPublic } from './rules/grant-to-public.ts';
import { identifierTooLong } from './rules/identifier-too-long.ts';
import { indexDropWithoutConcurrently } from './rules/index-drop-without-concurrently.ts';
import { indexWithoutConcurrently } from './rules/index-without-concurrently.ts';
import { intPrimaryKey } from './rules/int-primary-key.ts';
import { jsonType } from './rules/json-type.ts';
import { lockTable } from './rules/lock-table.ts';
import { loggedChange } from './rules/logged-change.ts';
import { mirrorIncomplete } from './rules/mirror-incomplete.ts';
import { mirrorRemovesMore } from './rules/mirror-removes-more.ts';
import { moneyType } from './rules/money-type.ts';
import { noTransactionMark } from './rules/no-transaction-mark.ts';
import { notNullDrop } from './rules/not-null-drop.ts';
import { notNullWithoutCheck } from './rules/not-null-without-check.ts';
import { notRepeatable } from './rules/not-repeatable.ts';
import { passwordInFile } from './rules/password-in-file.ts';
import { primaryKeyWithoutIndex } from './rules/primary-key-without-index.ts';
import { refreshWithoutConcurrently } from './rules/refresh-without-concurrently.ts';
import { reindexWithoutConcurrently } from './rules/reindex-without-concurrently.ts';
import { requiredColumnWithoutDefault } from './rules/required-column-without-default.ts';
import { rowSecurity } from './rules/row-security.ts';
import { ruleCreated } from './rules/rule-created.ts';
import { schemaRename } from './rules/schema-rename.ts';
import { serialColumnAdded } from './rules/serial-column-added.ts';
import { serialType } from './rules/serial-type.ts';
import { sessionSetting } from './rules/session-setting.ts';
import { severalLocks } from './rules/several-locks.ts';
import { storedGeneratedColumn } from './rules/stored-generated-column.ts';
import { syntax } from './rules/syntax.ts';
import { tableDrop } from './rules/table-drop.ts';
import { tableMoved } from './rules/table-moved.ts';
import { tableRename } from './rules/table-rename.ts';
import { timestampWithoutTimeZone } from './rules/timestamp-without-time-zone.ts';
import { transactionControl } from './rules/transaction-control.ts';
import { triggerDisabled } from './rules/trigger-disabled.ts';
import { triggerOnBusyTable } from './rules/trigger-on-busy-table.ts';
import { truncate } from './rules/truncate.ts';
import { typeChangeRule } from './rules/type-change.ts';
import { uniqueConstraintWithoutIndex } from './rules/unique-constraint-without-index.ts';
import { unqualifiedName } from './rules/unqualified-name.ts';
import { updateWithoutBatch } from './rules/update-without-batch.ts';
import { vacuumFullOrCluster } from './rules/vacuum-full-or-cluster.ts';
import { validateUnderLock } from './rules/validate-under-lock.ts';
import { varcharLimit } from './rules/varchar-limit.ts';
import { volatileDefault } from './rules/volatile-default.ts';

export const ALL_RULES: readonly Rule[] = [
  indexWithoutConcurrently,
  indexDropWithoutConcurrently,
  reindexWithoutConcurrently,
  concurrentlyInTransaction,
  concurrentlyOnPartitionedTable,
  checkWithoutNotValid,
  foreignKeyWithoutNotValid,
  foreignKeyWithoutIndex,
  validateUnderLock,
  notNullWithoutCheck,
  uniqueConstraintWithoutIndex,
  primaryKeyWithoutIndex,
  exclusionConstraint,
  domainConstraint,
  requiredColumnWithoutDefault,
  volatileDefault,
  serialColumnAdded,
  storedGeneratedColumn,
  generatedExpressionChange,
  typeChangeRule,
  columnDrop,
  columnRename,
  notNullDrop,
  tableDrop,
  tableRename,
  schemaRename,
  tableMoved,
  loggedChange,
  vacuumFullOrCluster,
  truncate,
  dropCascade,
  databaseDrop,
  severalLocks,
  lockTable,
  updateWithoutBatch,
  triggerOnBusyTable,
  triggerDisabled,
  ruleCreated,
  rowSecurity,
  attachWithoutCheck,
  detachWithoutConcurrently,
  refreshWithoutConcurrently,
  enumValueUsed,
  enumValueChanged,
  mirrorIncomplete,
  mirrorRemovesMore,
  transactionControl,
  noTransactionMark,
  notRepeatable,
  sessionSetting,
  unqualifiedName,
  identifierTooLong,
  doBlock,
  definerWithoutSearchPath,
  grantToPublic,
  passwordInFile,
  extensionCreated,
  alterSystem,
  charType,
  varcharLimit,
  timestampWithoutTimeZone,
  intPrimaryKey,
  serialType,
  jsonType,
  moneyType,
  allowComment,
  syntax,
];
