import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, loadBackend, type Tensor, type Tensor4D } from '../../../scripts/train/backend.ts';
import { Critic } from '../../../scripts/train/critic.ts';
import { fourfoldDiscriminator } from '../../../scripts/train/discriminator.ts';
import { kernels } from '../../../scripts/train/kernels.ts';
import { adversarialLoss, discriminatorLoss, steadinessLoss, vggLoss } from '../../../scripts/train/losses.ts';
import { Random } from '../../../scripts/train/random.ts';
import { shrunkLoss } from '../../../scripts/train/smooth-regions.ts';
import type { Vgg19 } from '../../../scripts/train/vgg19.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await loadBackend();
});

const logits = (...values: number[]) => backend.tf.tensor2d(values, [values.length, 1]);
const number = (x: Tensor) => x.dataSync()[0] as number;
/** −log of the sigmoid: what a logit costs whose answer should be 1. */
const cost = (logit: number) => Math.log(1 + Math.exp(-logit));

describe('the game, from logits', () => {
  test.each(['minimax', 'relativistic'] as const)('%s: guessing costs both log 2', (form) => {
    const zero = logits(0, 0, 0);
    expect(number(adversarialLoss(backend.tf, form, zero, zero))).toBeCloseTo(Math.LN2, 6);
    expect(number(discriminatorLoss(backend.tf, form, zero, zero))).toBeCloseTo(Math.LN2, 6);
  });

  test('relativistic: equal logits are guessing, however high', () => {
    const high = logits(5, 5);
    expect(number(adversarialLoss(backend.tf, 'relativistic', high, high))).toBeCloseTo(Math.LN2, 6);
    expect(number(discriminatorLoss(backend.tf, 'relativistic', high, high))).toBeCloseTo(Math.LN2, 6);
  });

  test('minimax: −log D(G(x)), and half of what the discriminator gets wrong of each kind', () => {
    const [fake, real] = [logits(1, -2), logits(3, 0.5)];
    expect(number(adversarialLoss(backend.tf, 'minimax', fake, real))).toBeCloseTo((cost(1) + cost(-2)) / 2, 6);
    const [fakes, reals] = [(cost(-1) + cost(2)) / 2, (cost(3) + cost(0.5)) / 2];
    expect(number(discriminatorLoss(backend.tf, 'minimax', fake, real))).toBeCloseTo((fakes + reals) / 2, 6);
  });

  test('relativistic: each against the mean of the other kind', () => {
    // Means −0.5 and 1.75.
    const [fake, real] = [logits(1, -2), logits(3, 0.5)];
    const wanted = (sign: number) =>
      (cost(sign * (1 - 1.75)) + cost(sign * (-2 - 1.75)) + cost(-sign * (3 + 0.5)) + cost(-sign * (0.5 + 0.5))) / 4;
    expect(number(adversarialLoss(backend.tf, 'relativistic', fake, real))).toBeCloseTo(wanted(1), 6);
    expect(number(discriminatorLoss(backend.tf, 'relativistic', fake, real))).toBeCloseTo(wanted(-1), 6);
  });

  test.each(['minimax', 'relativistic'] as const)(
    '%s: as results look more real, they pay less and it more',
    (form) => {
      const real = logits(0.3, 1);
      const at = (fake: number) => [
        number(adversarialLoss(backend.tf, form, logits(fake, fake + 0.1), real)),
        number(discriminatorLoss(backend.tf, form, logits(fake, fake + 0.1), real)),
      ];
      const [low, high] = [at(-1), at(2)];
      expect(high[0]).toBeLessThan(low[0]!);
      expect(high[1]).toBeGreaterThan(low[1]!);
    },
  );
});

describe('steadiness', () => {
  test('is the mean square of what noise changes', () => {
    expect(number(steadinessLoss(logits(1, 2), logits(0.5, 4)))).toBeCloseTo((0.25 + 4) / 2, 6);
  });

  test('is no part of the loss that is told, and changes what is learned', () => {
    const { tf } = backend;
    const step = (steadiness: number) => {
      const options = {
        weight: 1,
        form: 'relativistic',
        discriminator: { ...fourfoldDiscriminator, features: 4, hidden: 8 },
        rate: 1,
        head: 0,
        steadiness,
      } as const;
      const adam = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clip: 10, average: 0 };
      const critic = new Critic(tf, kernels(backend), options, adam, new Random(3));
      // Of a strong contrast, so that noise changes the answer.
      const [seen, high] = [1, 2].map((seed) => tf.randomUniform([2, 48, 48, 3], -40, 40, 'float32', seed) as Tensor4D);
      const loss = critic.step(seen!, high!, 1e-3, 7);
      return { loss, weights: critic.adam.state().weights };
    };
    const [free, steady] = [step(0), step(10)];
    expect(steady.loss).toBe(free.loss);
    expect(steady.weights).not.toEqual(free.weights);
  });
});

describe('distance in features', () => {
  const wanted = () => backend.tf.tensor4d([1, 0, 0, 2], [1, 1, 2, 2]);
  /** Stands in for VGG19: whatever it is shown, its features are these. */
  const seeing = (...values: number[]): Vgg19 => ({
    features: (_, taps) => taps.map(() => backend.tf.tensor4d(values, [1, 1, 2, 2])),
  });
  const loss = (options: Parameters<typeof vggLoss>[1], vgg: Vgg19) => {
    const count = Object.keys(options.taps).length;
    return number(vggLoss(backend.tf, options, vgg, backend.tf.zeros([1, 1, 2, 3]), Array(count).fill(wanted())));
  };

  test('mse: the mean square, weighted tap by tap and added up', () => {
    // Squares 4, 1, 0, 1.
    const vgg = seeing(3, 1, 0, 1);
    expect(loss({ loss: 'mse', activated: true, taps: { '2,2': 0.5 } }, vgg)).toBeCloseTo(0.5 * 1.5, 6);
    expect(loss({ loss: 'mse', activated: true, taps: { '2,2': 0.5, '5,4': 2 } }, vgg)).toBeCloseTo(2.5 * 1.5, 6);
  });

  test('relative: the mean size of the difference over that of the original', () => {
    // Differences 2, 1, 0, 1 of sizes 1, 0, 0, 2.
    expect(loss({ loss: 'relative', activated: false, taps: { '3,4': 0.5 } }, seeing(3, 1, 0, 1))).toBeCloseTo(
      (0.5 * 4) / 3,
      6,
    );
  });

  test('relative φ5,4: 1 − cos between what is active, however strong', () => {
    const direction = (...values: number[]) =>
      loss({ loss: 'relative', activated: false, taps: { '5,4': 3 } }, seeing(...values));
    expect(direction(7, 0, 0, 9)).toBeCloseTo(0, 2);
    // The first position at 45°, the second active in nothing that the original has.
    expect(direction(1, 1, 3, -5)).toBeCloseTo((3 * (1 - Math.SQRT1_2 + 1)) / 2, 2);
  });
});

test('shrunk again: the size of the 4×4 means, and that of their mean over the whole batch', () => {
  const { tf } = backend;
  // Two cells a channel: +0.4 and −0.2 in red, a pattern of mean 0 in green, 0.1 in both in blue.
  const values = Float32Array.from({ length: 4 * 8 * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % 8;
    return [x < 4 ? 0.4 : -0.2, x % 2 ? 0.3 : -0.3, 0.1][i % 3] as number;
  });
  const loss = number(shrunkLoss(tf, tf.tensor4d(values, [1, 4, 8, 3])));
  expect(loss).toBeCloseTo((0.3 + 0 + 0.1) / 3 + (0.1 + 0 + 0.1) / 3, 6);
});
