import { readFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly pid: number;
  /** Which of ours it is, by the file it was started with. */
  readonly name: 'service' | 'engine' | 'other';
  /** Without mapped files. */
  readonly anonymousMB: number;
  readonly residentMB: number;
}

/** The processes below one, theirs too; empty where Linux's /proc is not. */
export function processesBelow(pid: number): ProcessMemory[] {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => {
      const command = read(`/proc/${child}/cmdline`);
      const status = read(`/proc/${child}/status`);
      const megabytes = (field: string) =>
        Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024;
      const name = /engine-entry\.\w+/.test(command) ? 'engine' : /\bentry\.\w+/.test(command) ? 'service' : 'other';
      const own = { pid: child, name, anonymousMB: megabytes('RssAnon'), residentMB: megabytes('VmRSS') } as const;
      return [own, ...processesBelow(child)];
    });
}
