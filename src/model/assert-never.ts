/** Ends a `switch` over a closed union: a member that was forgotten is a compile error here, and a loud one at run time. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}
