/**
 * The settings under which catalog texts are taken: names print with their schema only where it is not on the search path, and
 * constants in defaults and checks print as the session's formats say. With these set, texts taken anywhere can be compared.
 */

const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['search_path', ''],
  ['timezone', 'UTC'],
  ['datestyle', 'ISO, YMD'],
  ['intervalstyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['quote_all_identifiers', 'off'],
  // Compiling this statement would take longer than running it.
  ['jit', 'off'],
];

/** One expression that sets them all until the transaction, or the savepoint that holds it, ends. */
const SET_ALL = SETTINGS.map(([name, value]) => `set_config('${name}', '${value}', true)`).join(', ');
const NAMES = SETTINGS.map(([name]) => `'${name}', current_setting('${name}')`).join(', ');

export const SETTLE_SQL = `select ${SET_ALL}`;
export const SETTLE_PLPGSQL = `perform ${SET_ALL}`;
/** An expression of type json, kept in the variable `settings` for the one below. */
export const SETTINGS_NOW = `json_build_object(${NAMES})`;
export const RESTORE_PLPGSQL = 'perform set_config(key, value, true) from json_each_text(settings)';
