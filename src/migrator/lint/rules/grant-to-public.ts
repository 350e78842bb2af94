/** GRANT … TO PUBLIC. */
import type { GrantStmt } from 'libpg-query';
import { nameOf } from '../../statement-kinds.ts';
import { nameFromParts, nameParts, writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';

export const grantToPublic: StatementRule = {
  name: 'grant-to-public',
  title: 'Rights are granted to PUBLIC',
  severity: 'warning',
  scope: 'statement',
  files: 'up',
  why: 'PUBLIC is every role that can connect, those of other programs and those made later included. Grant to a role that programs are members of.',
  check: ({ statement }) => {
    const { node } = statement;
    const grant = 'GrantStmt' in node ? node.GrantStmt : undefined;
    const later = 'AlterDefaultPrivilegesStmt' in node ? node.AlterDefaultPrivilegesStmt.action : undefined;
    const found = publicGrant(grant) ?? publicGrant(later);
    if (!found) return [];
    const objects = later ? 'everything of its kind that is made later' : objectsOf(grant!);
    return [{ message: `GRANT gives ${found} on ${objects} to every role that can connect`, instead: null }];
  },
};

/** `app.messages`, `the schema app`; for others their kind. */
function objectsOf({ objtype, targtype, objects }: GrantStmt): string {
  const names = (objects ?? []).flatMap((one) => {
    if ('RangeVar' in one) return [writtenName(nameOf(one.RangeVar))];
    if ('ObjectWithArgs' in one) return [writtenName(nameFromParts(nameParts(one.ObjectWithArgs.objname)))];
    return 'String' in one ? [one.String.sval ?? ''] : [];
  });
  const kind = (objtype ?? '').replace('OBJECT_', '').toLowerCase();
  if (targtype === 'ACL_TARGET_ALL_IN_SCHEMA') return `every ${kind} of the schema ${names.join(', ')}`;
  return kind === 'table' ? names.join(', ') : `the ${kind} ${names.join(', ')}`;
}

/** `SELECT, INSERT`; undefined where PUBLIC gets nothing. */
function publicGrant(grant: GrantStmt | undefined): string | undefined {
  if (!grant?.is_grant) return undefined;
  const isPublic = (grant.grantees ?? []).some(
    (one) => 'RoleSpec' in one && one.RoleSpec.roletype === 'ROLESPEC_PUBLIC',
  );
  const rights = (grant.privileges ?? []).flatMap((one) =>
    'AccessPriv' in one ? [(one.AccessPriv.priv_name ?? '').toUpperCase()] : [],
  );
  return isPublic ? rights.join(', ') || 'ALL' : undefined;
}
