/**
 * The volatility of functions that come with PostgreSQL and its usual extensions, for where no database was asked. Whatever is
 * not listed is not known.
 */
import type { Volatility } from './catalog-view.ts';

const VOLATILE = `random random_normal setseed gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4
  gen_random_bytes gen_salt clock_timestamp timeofday nextval currval setval lastval pg_sleep pg_sleep_for pg_sleep_until
  set_config txid_current pg_current_xact_id pg_advisory_lock pg_advisory_xact_lock pg_notify dblink lo_import lo_create`;
const STABLE = `now statement_timestamp transaction_timestamp current_timestamp current_date current_time localtimestamp
  localtime current_user session_user current_schema current_database current_setting to_timestamp to_char to_date
  txid_current_snapshot jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb row_to_json
  date_trunc age concat concat_ws format timezone date_part extract array_to_string string_to_array`;
const IMMUTABLE = `lower upper btrim ltrim rtrim trim length char_length octet_length md5 sha256 abs round floor ceil
  coalesce nullif greatest least left right substr substring replace split_part repeat lpad rpad encode decode
  to_tsvector make_interval make_date array_length cardinality array_append jsonb_typeof jsonb_array_length uuid_nil
  uuid_generate_v5 digest int4range int8range daterange tstzrange tsrange numrange array_fill power sqrt mod
  jsonb_strip_nulls chr ascii reverse translate initcap int8 int4 float8 float4 numeric`;

const KNOWN: ReadonlyMap<string, Volatility> = new Map([
  ...words(VOLATILE).map((name): [string, Volatility] => [name, 'volatile']),
  ...words(STABLE).map((name): [string, Volatility] => [name, 'stable']),
  ...words(IMMUTABLE).map((name): [string, Volatility] => [name, 'immutable']),
]);

/** By the name with or without a schema. */
export function builtInVolatility(functionName: string): Volatility | undefined {
  return KNOWN.get(functionName.slice(functionName.lastIndexOf('.') + 1));
}

function words(text: string): string[] {
  return text.split(/\s+/);
}
