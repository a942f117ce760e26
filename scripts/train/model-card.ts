/** models/README.md, made from the manifest alone, so that it never says what was not exported or measured. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest, ModelSet, SetName } from '../../electron/engine/network/model.ts';
import type { SetScores } from './evaluation.ts';
import { evaluationTable, pictureTable } from './evaluation-table.ts';
import { checkTargets, type Target } from './evaluation-targets.ts';
import type { TrainingFacts } from './training-facts.ts';

/** What `--record` adds to the manifest. */
interface Recorded {
  /** Tables of every method, Markdown. */
  readonly tables: string;
  /** The two ends picture by picture, Markdown. */
  readonly pictures: string;
  readonly targets: readonly Target[];
  readonly date: string;
}

/** Below the tables; what was measured of it: nearest and bicubic, which owe nothing to a training. */
const PAPER_ROWS =
  "The paper's rows are not quite of the same measure: its PSNR of nearest and bicubic on Set5 is ours to 0.01 dB, but its SSIM there is 0.010 to 0.017 higher (another SSIM), and its Set14 is 0.10 dB harder (bicubic 25.99 against our 26.09).";

/** Constant, because no manifest tells it: it is of all weights until a run whose data was made `--without` Set5. */
const TEST_PICTURES =
  'Two things flatter these figures. The Set5 picture "woman" (img_005) is the same photo as one of the BSDS training photos (bsds_302003), found on 2026-11-25: runs until then saw it; data made with `train:data --without` leaves it out. And rate, crop size and loss were chosen by the figures on Set5 and Set14, which are the test pictures too.';

/** Writes the scores of the shipped files into their manifest, and the model card anew. */
export function recordScores(folder: string, scores: readonly SetScores[]): void {
  const path = join(folder, 'manifest.json');
  const before = JSON.parse(readFileSync(path, 'utf8')) as ModelManifest;
  const means = (method: string) =>
    Object.fromEntries(scores.filter((each) => each.method === method).map((each) => [each.set, each.mean]));
  const of = (set: ModelSet, method: string): ModelSet => {
    const int8 = means(`${method}, int8`);
    return { ...set, scores: { ...means(method), ...(Object.keys(int8).length && { int8 }) } };
  };
  const { srresnet, srgan } = before.sets;
  const evaluation: Recorded = {
    date: new Date().toISOString().slice(0, 10),
    tables: evaluationTable(scores),
    pictures: pictureTable(scores, ['blend 0', 'blend 1']),
    targets: checkTargets(scores),
  };
  const manifest = { ...before, sets: { srresnet: of(srresnet, 'blend 0'), srgan: of(srgan, 'blend 1') }, evaluation };
  writeFileSync(`${path}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${path}.new`, path);
  writeFileSync(join(folder, 'README.md'), modelCard(manifest));
}

/** The model card as Markdown. */
export function modelCard(manifest: ModelManifest & { evaluation?: Recorded }): string {
  const { sets, evaluation } = manifest;
  const { spec } = sets.srresnet;
  return `# Model card

<!-- Made from manifest.json by scripts/train/model-card.ts; change it there. -->

Two weight sets of one network, made by the training in \`scripts/train\` (${sets.srresnet.training?.preset ? `presets \`${sets.srresnet.training.preset}\` and \`${sets.srgan.training?.preset ?? 'fourfold-srgan'}\`` : 'the `fourfold` presets'}), after Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network", CVPR 2017. They make a photo four times larger in each direction.

- **srresnet** is faithful: trained for the least difference from the original.
- **srgan** is crisp: trained on from it so that textures look real. It invents detail; do not read number plates, faces or scientific pictures from it.
- What lies between, the app's slider, is the interpolation of the weights: (1 − α) · srresnet + α · srgan.

Network: ${spec.blocks} residual blocks of ${spec.features} features, ${spec.headKernel}×${spec.headKernel} head, ${spec.activation === 'prelu' ? 'PReLU' : `LeakyReLU ${spec.alpha}`}, two sub-pixel stages with the output layer in sub-pixel space, added to the bicubic enlargement. Input and output RGB, 0…1, NHWC, any size; the weights are stored in half precision. A model file is plain ONNX and runs by itself.

Licence: MIT, as the rest of Fourfold. No third-party weights are in them; VGG19 served as a yardstick in the training of srgan.

${(['srresnet', 'srgan'] as const).map((name) => setCard(name, sets[name])).join('\n\n')}

## Measured

${evaluation ? measured(evaluation) : 'Not measured yet: `npm run train:evaluate -- --record`.'}
`;
}

function setCard(name: SetName, { file, sha256, training }: ModelSet): string {
  const facts = (training ?? {}) as TrainingFacts;
  const { parity, data } = facts as TrainingFacts & { parity?: { greatest: number; backend: string } };
  const lines = [`- file \`${file}\`, sha256 \`${sha256}\``];
  const steps =
    facts.ownSteps === undefined
      ? `${facts.steps ?? 'unknown'} steps`
      : `${facts.steps} steps, ${facts.ownSteps} of them in the last run`;
  lines.push(
    `- ${steps}${facts.hours === undefined ? '' : ` (${facts.hours} h)`}${facts.from ? `, which started from ${facts.from}` : ''}`,
  );
  if (facts.end !== undefined)
    lines.push(
      `- what is shipped lies ${facts.end} of the way from srresnet to the last weights, where it measured best`,
    );
  if (facts.interpolated !== undefined)
    lines.push(
      `- what is shipped lies ${facts.interpolated} of the way from other weights to the last ones of that run`,
    );
  if (facts.seed !== undefined) lines.push(`- seed ${facts.seed}`);
  if (data)
    lines.push(
      `- data: ${data.pictures} photos${data.halves ? `, ${data.halves} of them at half their size too` : ''}, ${data.megapixels} megapixels, cut into random crops, turned and mirrored`,
    );
  if (facts.commit) lines.push(`- sources at commit \`${facts.commit}\``);
  if (facts.exportCommit)
    lines.push(`- exported with the sources at commit \`${facts.exportCommit}\`; those of the training were not noted`);
  if (parity)
    lines.push(
      `- greatest difference from ${parity.backend} on a real photo: ${parity.greatest.toExponential(1)} of full scale`,
    );
  const told = new Set([
    'end',
    'interpolated',
    'preset',
    'steps',
    'ownSteps',
    'hours',
    'seed',
    'from',
    'data',
    'commit',
    'exportCommit',
    'parity',
  ]);
  for (const [key, value] of Object.entries(facts))
    if (!told.has(key)) lines.push(`- ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `## ${name}\n\n${lines.join('\n')}`;
}

function measured({ date, tables, targets, pictures }: Recorded): string {
  const list = targets.map(({ what, found, reached }) => `| ${what} | ${found} | ${reached ? 'yes' : 'no'} |`);
  return `By \`npm run train:evaluate\` on these very files, ${date}. PSNR (dB) and SSIM on Y of BT.601, 4 px shaved. NIQE: lower is more natural. VGG: distance to the original in VGG19's features, each position scaled to length 1, middle 320 px of every picture; lower is nearer. Shrunk again: PSNR of the result, made small again, against its source. Drift: greatest shift of a channel's mean, levels of 255. Grid: power at periods of 4 and 2 px where the original is smooth, as a multiple of SRResNet's, and as a multiple of the power at the frequencies beside them (an original has about 1); everywhere: the latter in a typical block of the whole picture.

${tables}

${PAPER_ROWS}

${TEST_PICTURES}

| aim | found | reached |
| --- | --- | --- |
${list.join('\n')}

### Picture by picture

${pictures}`;
}
