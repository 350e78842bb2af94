/** Which keys a zod schema accepts at a place in a value, so that a mistyped key can be answered with the right one. */
import { z } from 'zod';
import type { DataPath } from './yaml-document.ts';

/** The keys that the map at `path` within `value` could still get; empty where the schema expects no map there. */
export function openKeysAt(schema: z.ZodType, value: unknown, path: DataPath): readonly string[] {
  let place: z.ZodType | undefined = concrete(schema, value);
  let here: unknown = value;
  for (const step of path) {
    here = memberOf(here, step);
    place = place === undefined ? undefined : concrete(childOf(place, step), here);
  }
  return place instanceof z.ZodObject ? Object.keys(place.shape).filter((key) => !(key in Object(here))) : [];
}

function childOf(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)] as z.ZodType | undefined;
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  return undefined;
}

/** Takes defaults and optionals off, and chooses the branch of a union by its discriminator. */
function concrete(schema: z.ZodType | undefined, value: unknown): z.ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return concrete(schema.unwrap() as z.ZodType, value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) return branchOf(schema, value);
  return schema;
}

function branchOf(union: z.ZodDiscriminatedUnion, value: unknown): z.ZodType | undefined {
  const key = union.def.discriminator;
  const wanted = memberOf(value, key);
  return union.options.find((option): option is z.ZodObject => {
    const literal = option instanceof z.ZodObject ? option.shape[key] : undefined;
    return literal instanceof z.ZodLiteral && literal.value === wanted;
  });
}

/** The member of a map or list; undefined where `value` is neither. */
export function memberOf(value: unknown, step: string | number): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  return (value as Record<string | number, unknown>)[step];
}

/** The value at a path; undefined where the path leaves the data. */
export function valueAt(value: unknown, path: DataPath): unknown {
  return path.reduce<unknown>((here, step) => memberOf(here, step), value);
}
