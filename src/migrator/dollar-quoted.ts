/** A text as PostgreSQL reads it between dollars, whatever stands in it. */

/** Tagged so that the text cannot end it. */
export function dollarQuoted(text: string): string {
  let tag = '$drydock$';
  for (let number = 1; `${text}$`.includes(tag); number += 1) tag = `$drydock_${number}$`;
  return `${tag}${text}${tag}`;
}
