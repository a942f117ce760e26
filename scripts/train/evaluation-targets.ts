import type { SetScores } from './evaluation.ts';
import { REFERENCE } from './evaluation-table.ts';
import type { Scores } from './scores.ts';

/** One aim of the shipped pair, and whether these scores reach it. */
export interface Target {
  readonly what: string;
  readonly found: string;
  readonly reached: boolean;
}

/** The aims for Set5 and Set14, as far as the scores say something about them. */
export function checkTargets(scores: readonly SetScores[]): Target[] {
  const targets: Target[] = [];
  const of = (set: string, method: string) => scores.find((each) => each.set === set && each.method === method);
  const least = (set: string, method: string, limit: number) => {
    const psnr = of(set, method)?.mean.psnr;
    if (psnr !== undefined)
      targets.push({ what: `${method}, PSNR ${set} ≥ ${limit}`, found: psnr.toFixed(3), reached: psnr >= limit });
  };
  least('Set5', 'blend 0', 31.7);
  least('Set14', 'blend 0', 28.3);
  least('Set5', 'blend 1', 29.4);
  least('Set14', 'blend 1', 26);
  const [first, last] = [of('Set14', REFERENCE), of('Set14', 'blend 1')];
  if (first && last) for (const key of ['niqe', 'vgg54'] as const) targets.push(...better(first, last, key));
  for (const set of ['Set5', 'Set14'])
    targets.push(...ofSharpEnd(set, of(set, REFERENCE)?.mean, of(set, 'blend 1')?.mean));
  for (const set of ['Set5', 'Set14']) {
    const blends = scores.filter((each) => each.set === set && /^blend [\d.]+$/.test(each.method));
    if (blends.length > 2) targets.push(...monotone(set, blends));
  }
  return targets;
}

function better(first: SetScores, last: SetScores, key: 'niqe' | 'vgg54'): Target[] {
  const names = Object.keys(first.pictures).filter((name) => first.pictures[name]![key] !== undefined);
  if (names.length === 0) return [];
  const count = names.filter((name) => last.pictures[name]![key]! < first.pictures[name]![key]!).length;
  const what = `SRGAN's ${key === 'niqe' ? 'NIQE' : 'VGG φ5,4'} below SRResNet's on all of Set14 but two`;
  return [{ what, found: `${count} of ${names.length}`, reached: count >= names.length - 2 }];
}

function ofSharpEnd(set: string, first: Scores | undefined, last: Scores | undefined): Target[] {
  const targets: Target[] = [];
  if (first?.gridFlat && last?.gridFlat) {
    const ratio = last.gridFlat.energy / first.gridFlat.energy;
    targets.push({
      what: `SRGAN's grid ≤ 1.2 × SRResNet's, ${set}`,
      found: `${ratio.toFixed(2)} ×`,
      reached: ratio <= 1.2,
    });
  }
  for (const [name, scores] of [
    ['SRResNet', first],
    ['SRGAN', last],
  ] as const)
    if (scores?.drift !== undefined)
      targets.push({ what: `${name}'s drift ≤ 1, ${set}`, found: scores.drift.toFixed(2), reached: scores.drift <= 1 });
  return targets;
}

function monotone(set: string, blends: readonly SetScores[]): Target[] {
  const falls = (values: (number | undefined)[]) =>
    values.every((value, i) => i === 0 || (value !== undefined && value < values[i - 1]!));
  const list = (values: (number | undefined)[], digits: number) =>
    values.map((value) => value?.toFixed(digits)).join(' → ');
  const fidelity = blends.map(({ mean }) => mean.psnr);
  const vgg = blends.map(({ mean }) => mean.vgg54);
  const targets = [{ what: `PSNR falls with the blend, ${set}`, found: list(fidelity, 2), reached: falls(fidelity) }];
  if (vgg.every((value) => value !== undefined))
    targets.push({ what: `VGG φ5,4 falls with the blend, ${set}`, found: list(vgg, 4), reached: falls(vgg) });
  return targets;
}
