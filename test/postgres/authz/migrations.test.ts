import { describeCatalog, describeMigrations, type ExpectedCatalog } from '../product-catalog.ts';

const AUTHZ: ExpectedCatalog = {
  product: 'authz',
  migrations: [
    '001_schema',
    '002_permissions',
    '003_roles',
    '004_role_permissions',
    '005_role_inheritance',
    '006_assignments',
    '007_effective_permissions',
    '008_audit',
  ],
  alone: [],
  tables: ['assignments', 'audit_log', 'permissions', 'role_inheritance', 'role_permissions', 'roles'],
  withoutIndex: [],
};

describeMigrations(AUTHZ);
describeCatalog(AUTHZ);
