/** The curves of a run and its latest strips: `report.png` and `report.html` in the run's folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { LogLine, RunFolder } from './run-folder.ts';

const width = 640;
const height = 160;
/** Facts of a log line that are no curve. */
const notCurves = new Set(['time', 'step', 'event', 'progress', 'minutesLeft', 'batch', 'side', 'pid', 'tensors']);

/** Draws one curve a number the log holds, over the steps. */
export async function writeReport(folder: RunFolder, strip?: Buffer): Promise<void> {
  const curves = collect(folder.lines());
  const svgs = [...curves].map(([name, points]) => curve(name, points));
  const page = `<!doctype html><meta charset="utf-8"><title>${escapeXml(folder.path)}</title>
<style>body{font:14px system-ui;margin:2em;max-width:${width}px}svg,img{display:block;margin:1em 0}</style>
<h1>${escapeXml(folder.path)}</h1>${svgs.join('\n')}
${strip ? `<p>bicubic, result, original</p><img alt="bicubic, result, original" src="data:image/png;base64,${strip.toString('base64')}">` : ''}
`;
  writeFileSync(join(folder.path, 'report.html'), page);
  const layers: { input: Buffer; left: number; top: number }[] = [];
  for (const [index, svg] of svgs.entries())
    layers.push({ input: await sharp(Buffer.from(svg)).png().toBuffer(), left: 0, top: index * height });
  let total = svgs.length * height;
  let across = width;
  if (strip) {
    const size = await sharp(strip).metadata();
    layers.push({ input: strip, left: 0, top: total });
    total += size.height;
    across = Math.max(width, size.width);
  }
  if (total === 0) return;
  const canvas = { create: { width: across, height: total, channels: 3 as const, background: '#fff' } };
  await sharp(canvas).composite(layers).png().toFile(join(folder.path, 'report.png'));
}

type Points = [step: number, value: number][];

function collect(lines: LogLine[]): Map<string, Points> {
  const curves = new Map<string, Points>();
  for (const line of lines)
    for (const [name, value] of Object.entries(line))
      if (typeof value === 'number' && Number.isFinite(value) && !notCurves.has(name)) {
        const points = curves.get(name) ?? [];
        points.push([line.step, value]);
        curves.set(name, points);
      }
  return curves;
}

function curve(name: string, points: Points): string {
  const steps = points.map(([step]) => step);
  const values = points.map(([, value]) => value);
  const [left, right] = [Math.min(...steps), Math.max(...steps)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (step: number) => 8 + ((width - 16) * (step - left)) / (right - left || 1);
  const y = (value: number) => height - 12 - ((height - 44) * (value - low)) / (high - low || 1);
  const path = points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const latest = values.at(-1) as number;
  const caption = `${name}: ${latest.toPrecision(5)} (from ${low.toPrecision(4)} to ${high.toPrecision(4)}), steps ${left}–${right}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="20" font-family="sans-serif" font-size="13">${escapeXml(caption)}</text>
<polyline points="${path}" fill="none" stroke="#2457a6" stroke-width="1.5"/></svg>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
