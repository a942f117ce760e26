import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem, type } from 'node:os';

/** What a figure was measured on. */
export interface Machine {
  readonly processor: string;
  readonly threads: number;
  readonly memoryGB: number;
  readonly vnni: boolean;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly sharp: string;
}

export function machine(): Machine {
  const version = (name: string) => {
    const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  };
  return {
    processor: cpus()[0]?.model.trim() ?? process.arch,
    threads: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    vnni: flags().includes('avx512_vnni') || flags().includes('avx_vnni'),
    system: `${type()} ${process.arch}`,
    node: process.version,
    onnxruntime: version('onnxruntime-node'),
    sharp: version('sharp'),
  };
}

function flags(): string {
  try {
    return /^flags.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? '';
  } catch {
    return '';
  }
}
