import type { SetScores } from './evaluation.ts';
import type { Scores } from './scores.ts';

/** Ledig et al. 2017, tables 1 and 2: PSNR / SSIM. */
const PAPER: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  Set5: { nearest: [26.26, 0.7552], bicubic: [28.43, 0.8211], SRResNet: [32.05, 0.9019], SRGAN: [29.4, 0.8472] },
  Set14: { nearest: [24.64, 0.71], bicubic: [25.99, 0.7486], SRResNet: [28.49, 0.8184], SRGAN: [26.02, 0.7397] },
  BSD100: { nearest: [25.02, 0.6606], bicubic: [25.94, 0.6935], SRResNet: [27.58, 0.762], SRGAN: [25.16, 0.6688] },
};
/** The method whose grid is the measure of the others'. */
export const REFERENCE = 'blend 0';

/** Markdown: one table a set, a line a method, the paper's figures below. */
export function evaluationTable(scores: readonly SetScores[]): string {
  const sets = [...new Set(scores.map(({ set }) => set))];
  return sets
    .map((set) =>
      setTable(
        set,
        scores.filter((each) => each.set === set),
      ),
    )
    .join('\n\n');
}

function setTable(set: string, scores: readonly SetScores[]): string {
  const reference = scores.find(({ method }) => method === REFERENCE)?.mean;
  const full = scores.some(({ mean }) => mean.shrunkPsnr !== undefined);
  const head = ['', 'PSNR', 'SSIM'];
  if (full)
    head.push('NIQE', 'VGG φ5,4', 'VGG φ2,2', 'shrunk again, dB', 'drift', 'grid', 'grid / beside', 'everywhere');
  const lines = scores.map(({ method, mean }) => [method, ...cells(mean, reference, full)]);
  for (const [name, [psnr, ssim]] of Object.entries(PAPER[set] ?? {}))
    lines.push([`paper, ${name}`, psnr.toFixed(2), ssim.toFixed(4), ...head.slice(3).map(() => '')]);
  const rows = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...lines];
  const count = Object.keys(scores[0]?.pictures ?? {}).length;
  return [`**${set}** (${count} pictures)`, '', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

/** Markdown: PSNR, NIQE and VGG φ5,4 of the two ends, picture by picture. */
export function pictureTable(scores: readonly SetScores[], ends: readonly [string, string]): string {
  const head = ['', ...ends.flatMap((end) => [`${end}: PSNR`, 'NIQE', 'VGG φ5,4'])];
  const rows = scores
    .filter(({ method }) => method === ends[0])
    .flatMap(({ set, pictures }) =>
      Object.keys(pictures).map((name) => {
        const each = ends.map(
          (end) => scores.find((other) => other.set === set && other.method === end)?.pictures[name],
        );
        return [
          `${set}/${name}`,
          ...each.flatMap((one) => [fixed(one?.psnr, 2), fixed(one?.niqe, 2), fixed(one?.vgg54, 4)]),
        ];
      }),
    );
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function cells(mean: Scores, reference: Scores | undefined, full: boolean): string[] {
  const fidelity = [fixed(mean.psnr, 2), fixed(mean.ssim, 4)];
  if (!full) return fidelity;
  const flat = mean.gridFlat;
  const own =
    reference?.gridFlat && flat ? `${(flat.energy / reference.gridFlat.energy).toFixed(2)} ×` : fixed(flat?.energy, 3);
  return [
    ...fidelity,
    fixed(mean.niqe, 2),
    fixed(mean.vgg54, 4),
    fixed(mean.vgg22, 4),
    fixed(mean.shrunkPsnr, 2),
    fixed(mean.drift, 2),
    own,
    flat ? (flat.energy / flat.neighbours).toFixed(2) : '',
    fixed(mean.gridExcess, 2),
  ];
}

function fixed(value: number | undefined, digits: number): string {
  if (value === undefined) return '';
  return Number.isFinite(value) ? value.toFixed(digits) : '∞';
}
