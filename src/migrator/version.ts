/** The version that is written into ledger rows; a test keeps it equal to package.json. */
export const DRYDOCK_VERSION = '0.1.0';
