/** Which databases a script of pg_dump or pg_dumpall connects to, found while its bytes pass by. A plain dump names none. */

const CONNECT = /^\\connect (?:-reuse-previous=on )?(.+)$/;
const MARK = Buffer.from('\\connect ');
/** A longer line is no `\connect`. */
const LONGEST_LINE = 4096;

export interface ConnectWatch {
  read(chunk: Buffer): void;
  names(): readonly string[];
}

export function watchForConnects(): ConnectWatch {
  const names = new Set<string>();
  let rest = Buffer.alloc(0);
  const look = (line: string): void => {
    const target = CONNECT.exec(line)?.[1];
    if (target !== undefined) names.add(nameIn(target));
  };
  return {
    read: (chunk) => {
      const text = Buffer.concat([rest, chunk]);
      const lastBreak = text.lastIndexOf(0x0a);
      // Most of a script is data; only a part that holds the word is taken apart.
      if (text.includes(MARK))
        for (const line of text
          .subarray(0, lastBreak + 1)
          .toString()
          .split('\n'))
          look(line);
      const open = text.subarray(lastBreak + 1);
      rest = open.length > LONGEST_LINE ? Buffer.alloc(0) : Buffer.from(open);
    },
    names: () => [...names],
  };
}

/** `shop`, `"we ird"` or `"dbname='we ird'"`. */
function nameIn(target: string): string {
  const unquoted = target.trim().replace(/^"([\s\S]*)"$/, '$1');
  return /^dbname='([\s\S]*)'$/.exec(unquoted)?.[1]?.replace(/\\(.)/g, '$1') ?? unquoted;
}
