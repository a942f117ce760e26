import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measured {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Most anonymous memory (RssAnon: without mapped files) of it and its children together; 0 where Linux's /proc is not. */
  readonly peakAnonymousBytes: number;
  readonly peakResidentBytes: number;
  /** Processor time of it and its children, seconds: what does not change when the machine is shared. */
  readonly processorSeconds: number;
}

const EVERY_MS = 50;

/** Runs a command and watches the memory of its whole process tree. */
export function measuredProcess(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Measured> {
  const from = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  let anonymous = 0;
  let resident = 0;
  let processorSeconds = 0;
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const timer = setInterval(() => {
    const memory = treeMemory(child.pid!);
    anonymous = Math.max(anonymous, memory.anonymous);
    resident = Math.max(resident, memory.resident);
    processorSeconds = Math.max(processorSeconds, memory.processorSeconds);
  }, EVERY_MS);
  return new Promise((done) =>
    child.once('close', (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - from) / 1000;
      done({ code, out, err, seconds, peakAnonymousBytes: anonymous, peakResidentBytes: resident, processorSeconds });
    }),
  );
}

function treeMemory(root: number): { anonymous: number; resident: number; processorSeconds: number } {
  const parents = new Map<number, { parent: number; anonymous: number; resident: number; processorSeconds: number }>();
  let names: string[] = [];
  try {
    names = readdirSync('/proc');
  } catch {}
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const kilobytes = (field: string) =>
        Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024;
      parents.set(Number(name), {
        parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
        anonymous: kilobytes('RssAnon'),
        resident: kilobytes('VmRSS'),
        processorSeconds: processorTime(name),
      });
    } catch {}
  }
  let anonymous = 0;
  let resident = 0;
  let processorSeconds = 0;
  for (const [pid, process] of parents) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root && at > 1) at = parents.get(at)?.parent;
    if (at !== root) continue;
    anonymous += process.anonymous;
    resident += process.resident;
    processorSeconds += process.processorSeconds;
  }
  return { anonymous, resident, processorSeconds };
}

/** User and system time so far: fields 14 and 15 of /proc/…/stat, in hundredths of a second. */
function processorTime(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
