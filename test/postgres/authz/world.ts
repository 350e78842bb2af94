/** A database with the authz schema, and the least rows of each kind that a test can begin with. */
import { migratedSchema, ORGANISATION, type ProductWorld } from '../product-schema.ts';

export { ORGANISATION, organisation, ROOT, refusal } from '../product-schema.ts';

export const ANN = '00000000-0000-4000-8000-000000000011';
export const BEN = '00000000-0000-4000-8000-000000000012';

export type World = ProductWorld;

export const migratedWorld = () => migratedSchema('authz');

let serial = 0;
const unique = (prefix: string): string => `${prefix}_${++serial}`;

export interface RoleColumns {
  /** Default: the sample organisation. */
  readonly organization_id?: string | null;
  readonly level?: number;
  readonly keep_one?: boolean;
}

export function role({ insert }: World, columns: RoleColumns = {}): Promise<string> {
  const { organization_id = ORGANISATION, level = 10, keep_one = false } = columns;
  return insert(
    `INSERT INTO authz.roles (organization_id, key, name, level, keep_one) VALUES ($1, $2, 'Role', $3, $4) RETURNING id`,
    [organization_id, unique('role'), level, keep_one],
  );
}

/** A permission that the role allows; gives its key. */
export async function allow(world: World, roleId: string): Promise<string> {
  const key = `tests.${unique('deed')}`;
  await world.query(
    `WITH permission AS (INSERT INTO authz.permissions (key, description) VALUES ($1, 'For a test') RETURNING id)
     INSERT INTO authz.role_permissions (role_id, permission_id) SELECT $2, id FROM permission`,
    [key, roleId],
  );
  return key;
}

export function contain({ insert }: World, roleId: string, parentId: string): Promise<string> {
  return insert('INSERT INTO authz.role_inheritance (role_id, parent_id) VALUES ($1, $2) RETURNING id', [
    roleId,
    parentId,
  ]);
}

export type AssignmentColumns = Readonly<Record<string, unknown>>;

/** Ann gets the role in the sample organisation, unless `columns` say otherwise. */
export function assign({ insert }: World, roleId: string, columns: AssignmentColumns = {}): Promise<string> {
  const row: AssignmentColumns = { organization_id: ORGANISATION, user_id: ANN, role_id: roleId, ...columns };
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  return insert(
    `INSERT INTO authz.assignments (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING id`,
    Object.values(row),
  );
}

export interface Question {
  readonly user?: string;
  readonly permission: string;
  readonly organisation?: string;
  readonly resource?: readonly [type: string, id: string];
}

/** The answer of authz.may. */
export async function may({ query }: World, question: Question): Promise<boolean> {
  const { user = ANN, permission, organisation = ORGANISATION, resource = [null, null] } = question;
  const [row] = await query<{ may: boolean }>('SELECT authz.may($1, $2, $3, $4, $5)', [
    user,
    permission,
    organisation,
    ...resource,
  ]);
  return row!.may;
}
