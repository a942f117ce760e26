/** The systems that can be trained: the five of the paper's tables, and the two that are shipped. */
import type { DiscriminatorSpec } from './discriminator.ts';
import { fourfoldDiscriminator, paperDiscriminator } from './discriminator.ts';
import { fourfold, type GeneratorSpec, paper } from './generator.ts';
import type { Tap } from './vgg19.ts';

export interface Preset {
  name: string;
  generator: GeneratorSpec;
  /** Crops a step, and their edge in source pixels. */
  batch: number;
  side: number;
  /** Adam's learning rate at its height. */
  rate: number;
  /**
   * cosine: down to 0 over the run; halves: a tenth in the second half, as the paper's SRGAN; constant; cooldown: constant,
   * and down to 0 in the last quarter.
   */
  schedule: 'cosine' | 'halves' | 'constant' | 'cooldown';
  beta2: number;
  /** Convolution kernels step along their orthogonalised momentum (orthogonalise.ts), all else as Adam has it. */
  orthogonal?: boolean;
  /** Decay of the averaged weights, which are what is kept; 0 keeps the last ones. */
  average: number;
  /** `luminance`: the share of the loss (0…1) that is of the luminance; the rest is of red, green and blue alike. */
  pixel?: { loss: 'l1' | 'mse'; weight: number; luminance?: number };
  /** `mse`: the paper's equation 5. `relative`: mean distance over mean magnitude, tap by tap; φ5,4 by direction. */
  vgg?: { loss: 'mse' | 'relative'; activated: boolean; taps: Partial<Record<Tap, number>> };
  /** Weight of `gridLoss` against the reference, the network the run started from. */
  grid?: number;
  /** Weight of `smoothLoss` against the reference. */
  smooth?: number;
  /** Weight of `shrunkLoss`. */
  shrunk?: number;
  adversarial?: {
    weight: number;
    /** minimax: −log D(G(x)), the paper's equation 6. relativistic: against the mean of the other kind. */
    form: 'minimax' | 'relativistic';
    discriminator: DiscriminatorSpec;
    /** Its learning rate, as a multiple of the generator's. */
    rate: number;
    /** Steps in which only the discriminator learns, when it starts from nothing. */
    head: number;
    /** Weight of the steadiness term: its answer to a real picture must not change under faint noise. */
    steadiness: number;
  };
  /** `trunk`: the up-sampling part stays as it is. */
  learns: 'all' | 'trunk';
  /**
   * In smooth regions the discriminator sees the original, so it asks for nothing to be invented there. VGG sees the
   * result: with the original shown to it too, φ5,4 stayed further off than SRResNet's where much is smooth (monarch, ppt3).
   */
  spareSmooth: boolean;
  /** Crops are chosen richer (dataset.ts). Not yet measured, so no preset has it. */
  richer?: true;
  /** Needs weights to start from. */
  startsFrom?: string;
}

/** Section 3.2: Adam β1 = 0.9, rate 1e-4, batches of 16 crops of 96. */
const asInPaper = {
  generator: paper,
  batch: 16,
  side: 24,
  rate: 1e-4,
  beta2: 0.999,
  average: 0,
  learns: 'all',
  spareSmooth: false,
} as const;

/** The paper's pictures run from −1 to 1, so its squared differences are four times ours. */
const paperMse = { loss: 'mse', weight: 4 } as const;
/** "rescaling by 1/12.75, equivalent to multiplying the VGG loss by ≈ 0.006" */
const paperVgg = (tap: Tap) => ({ loss: 'mse', activated: true, taps: { [tap]: 1 / 12.75 ** 2 } }) as const;
/** Equation 3: content + 10⁻³ · adversarial. */
const paperAdversarial = {
  weight: 1e-3,
  form: 'minimax',
  discriminator: paperDiscriminator,
  rate: 1,
  head: 0,
  steadiness: 0,
} as const;

export const presets: Record<string, Preset> = {
  'srresnet-mse': { name: 'srresnet-mse', ...asInPaper, schedule: 'constant', pixel: paperMse },
  'srresnet-vgg22': {
    name: 'srresnet-vgg22',
    ...asInPaper,
    schedule: 'constant',
    vgg: paperVgg('2,2'),
    startsFrom: 'srresnet-mse',
  },
  'srgan-mse': {
    name: 'srgan-mse',
    ...asInPaper,
    schedule: 'halves',
    pixel: paperMse,
    adversarial: paperAdversarial,
    startsFrom: 'srresnet-mse',
  },
  'srgan-vgg22': {
    name: 'srgan-vgg22',
    ...asInPaper,
    schedule: 'halves',
    vgg: paperVgg('2,2'),
    adversarial: paperAdversarial,
    startsFrom: 'srresnet-mse',
  },
  'srgan-vgg54': {
    name: 'srgan-vgg54',
    ...asInPaper,
    schedule: 'halves',
    vgg: paperVgg('5,4'),
    adversarial: paperAdversarial,
    startsFrom: 'srresnet-mse',
  },
  'fourfold-srresnet': {
    name: 'fourfold-srresnet',
    generator: fourfold,
    // On from 20,448 steps, 350 steps at 3e-4: Set14 28.159 dB with 4 crops of 48, 28.144 with 16 of 24, which are as many
    // pixels: in a small crop every pixel sees the padding round it. Orthogonalising costs 50 ms a step whatever the batch.
    // On from 34,861 steps, 300 at 3e-4: 28.192 dB; without the loss of the outer 12 result pixels 28.188, and with
    // a momentum of 0.95 instead of 0.9 28.166.
    batch: 4,
    side: 48,
    rate: 5e-4,
    schedule: 'cooldown',
    beta2: 0.99,
    // On from the shipped weights of 15,278 steps, 300 steps on the same crops, rate falling over the last 40 %: L1 lower
    // than Adam's by 0.14, 0.28 and 0.6 % at rates of 1e-4, 2e-4 and 4e-4, Set5 higher by 0.01, 0.03 and 0.07 dB.
    orthogonal: true,
    // About the last ten minutes of a CPU run. The mean of two runs' ends (interpolate.ts) gains more: on from 38,607 steps
    // 10,076 more have 28.303 dB on Set14, the mean of both 28.323 (Set5 31.766 and 31.764; five other photos +0.01).
    average: 0.999,
    // L1 instead of the paper's MSE: less blur at edges and steadier steps without normalisation.
    // On from 29,161 steps, 1,322 more at 1.5e-4 with MSE: Set5 31.598 dB (before: 31.636), Set14 28.195 (28.200).
    pixel: { loss: 'l1', weight: 1 },
    learns: 'all',
    spareSmooth: false,
  },
  'fourfold-srgan': {
    name: 'fourfold-srgan',
    generator: fourfold,
    // φ5,4 of a crop of 128 has 8×8 positions, of which the padding reaches fewer than of 96's 6×6.
    batch: 3,
    side: 32,
    rate: 1.5e-4,
    schedule: 'cosine',
    beta2: 0.99,
    average: 0.995,
    // Small: it holds contrast and position, the shrunk term the colours.
    pixel: { loss: 'l1', weight: 0.25 },
    vgg: {
      loss: 'relative',
      // Before the activation, where features are dense and a flat sky still says something.
      activated: false,
      taps: { '1,2': 0.1, '2,2': 0.2, '3,4': 0.5, '4,4': 0.5, '5,4': 6 },
    },
    // Without these three (455 steps, otherwise alike): power at 2 and 4 px in the flat blocks of Set14 11 × SRResNet's,
    // a cross-hatch in textures too, colours off by 1.5 levels, φ5,4 nearer on 8 of Set14's 14 pictures only.
    // Their weights: after 510 steps with 60, 100, 4 (adversarial 0.1, φ5,4 × 4) that power was 1.78 × SRResNet's on Set5,
    // NIQE on Set14 5.41; 1,480 more with 300 in the middle, the last 770 with 200 in front: 1.38 ×, and NIQE 4.71.
    grid: 200,
    smooth: 300,
    shrunk: 8,
    adversarial: {
      weight: 0.06,
      form: 'relativistic',
      discriminator: fourfoldDiscriminator,
      rate: 1,
      head: 60,
      steadiness: 10,
    },
    // Measured: with the whole network learning, a strong 2- and 4-px grid grows within 250 steps (NIQE on Set14
    // 6.4 → 15.5 after 510); with the up-sampling part fixed it is far fainter.
    learns: 'trunk',
    spareSmooth: true,
    startsFrom: 'fourfold-srresnet',
  },
};

export function presetOf(name: string): Preset {
  const preset = presets[name];
  if (!preset) throw new Error(`There is no preset ${name}. There are: ${Object.keys(presets).join(', ')}.`);
  return preset;
}

/**
 * The same preset with a network small enough for a test or a try-out. Where there are other losses it does without
 * VGG19, which alone would cost more than all the rest.
 */
export function tiny(preset: Preset): Preset {
  const small: Preset = { ...preset, generator: { ...preset.generator, blocks: 2, features: 8 }, batch: 2, side: 8 };
  if (small.pixel) delete small.vgg;
  if (!preset.adversarial) return small;
  const discriminator = { ...preset.adversarial.discriminator, features: 4, hidden: 8 };
  return {
    ...small,
    adversarial: { ...preset.adversarial, discriminator, head: Math.min(2, preset.adversarial.head) },
  };
}
