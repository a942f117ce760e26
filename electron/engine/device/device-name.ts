import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function processorName(): string {
  return (
    cpus()[0]
      ?.model.replace(/\((R|TM)\)|\bCPU\b|\s+@.*$/gi, '')
      .replace(/\s+/g, ' ')
      .trim() || 'CPU'
  );
}

/** The graphics devices of this machine as their makers call them; empty where there are none or nobody says. */
export async function graphicsNames(): Promise<string[]> {
  try {
    if (process.platform === 'linux') return linuxGraphics();
    if (process.platform === 'darwin') {
      const { stdout } = await run('system_profiler', ['SPDisplaysDataType', '-json'], { timeout: 10_000 });
      const found = JSON.parse(stdout) as { SPDisplaysDataType?: { sppci_model?: string }[] };
      return (found.SPDisplaysDataType ?? []).flatMap(({ sppci_model }) => sppci_model ?? []);
    }
    const command = 'Get-CimInstance Win32_VideoController | Select-Object -ExpandProperty Name';
    const { stdout } = await run('powershell', ['-NoProfile', '-Command', command], { timeout: 10_000 });
    return stdout.split(/\r?\n/).filter((line) => line.trim());
  } catch {
    return [];
  }
}

const MAKERS: Record<string, string> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel', '0x106b': 'Apple' };

function linuxGraphics(): string[] {
  // A driver named by the environment is the one that will be used (a software one in tests).
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named)
    return [
      basename(named)
        .replace(/(_icd)?(\.\w+)?\.json$/, '')
        .replace(/^vk_/, 'Vulkan '),
    ];
  const nvidia = entries('/proc/driver/nvidia/gpus').flatMap(
    (gpu) => /Model:\s*(.+)/.exec(text(`/proc/driver/nvidia/gpus/${gpu}/information`))?.[1] ?? [],
  );
  if (nvidia.length > 0) return nvidia;
  return entries('/dev/dri')
    .filter((name) => name.startsWith('renderD'))
    .map((name) => {
      const maker = text(`/sys/class/drm/${name}/device/vendor`).trim();
      return `${MAKERS[maker] ?? 'Unknown'} graphics`;
    });
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
