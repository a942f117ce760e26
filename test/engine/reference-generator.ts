import type { GeneratorSpec, Weights, WeightTensor } from '../../electron/engine/network/generator-spec.ts';

/** A picture or feature map in float64: HWC. */
export interface Plane {
  width: number;
  height: number;
  channels: number;
  data: Float64Array;
}

export function plane(width: number, height: number, channels: number): Plane {
  return { width, height, channels, data: new Float64Array(width * height * channels) };
}

/** The generator written down once more, plainly and slowly, from the paper's figure 4 and the design; RGB 0…1, not clipped. */
export function referenceGenerator(spec: GeneratorSpec, weights: Weights, picture: Plane): Plane {
  const tensor = (name: string) => weights.get(name)!;
  const conv = (x: Plane, name: string) => convolve(x, tensor(`${name}.w`), tensor(`${name}.b`));
  const norm = (x: Plane, name: string) => (spec.norm ? normalise(x, weights, name) : x);
  const act = (x: Plane, name: string) => {
    const slopes = spec.activation === 'prelu' ? tensor(`${name}.a`).data : undefined;
    return each(x, (value, c) => (value > 0 ? value : value * (slopes ? slopes[c]! : spec.alpha!)));
  };
  let x = act(conv(picture, 'head'), 'head');
  const skip = x;
  for (let i = 0; i < spec.blocks; i++) {
    const inner = act(norm(conv(x, `b${i}.0`), `b${i}.0`), `b${i}`);
    x = sum(x, norm(conv(inner, `b${i}.1`), `b${i}.1`));
  }
  x = sum(norm(conv(x, 'mid'), 'mid'), skip);
  x = act(depthToSpace(conv(x, 'up1')), 'up1');
  x = spec.output === 'full' ? act(depthToSpace(conv(x, 'up2')), 'up2') : act(conv(x, 'up2'), 'up2');
  x = conv(x, 'tail');
  if (spec.output === 'sub-pixel') x = depthToSpace(x);
  return spec.skip === 'bicubic' ? sum(x, bicubic(picture)) : x;
}

/** Zero padding, stride 1, kernel HWIO. */
export function convolve(x: Plane, kernel: WeightTensor, bias: WeightTensor): Plane {
  const [h, w, inputs, outputs] = kernel.shape as [number, number, number, number];
  const result = plane(x.width, x.height, outputs);
  for (let row = 0; row < x.height; row++)
    for (let column = 0; column < x.width; column++)
      for (let o = 0; o < outputs; o++) {
        let total = bias.data[o]!;
        for (let dy = 0; dy < h; dy++)
          for (let dx = 0; dx < w; dx++)
            for (let i = 0; i < inputs; i++)
              total +=
                at(x, column + dx - (w >> 1), row + dy - (h >> 1), i) *
                kernel.data[((dy * w + dx) * inputs + i) * outputs + o]!;
        result.data[(row * x.width + column) * outputs + o] = total;
      }
  return result;
}

function at(x: Plane, column: number, row: number, c: number): number {
  if (column < 0 || row < 0 || column >= x.width || row >= x.height) return 0;
  return x.data[(row * x.width + column) * x.channels + c]!;
}

function each(x: Plane, change: (value: number, c: number) => number): Plane {
  return { ...x, data: x.data.map((value, i) => change(value, i % x.channels)) };
}

function sum(a: Plane, b: Plane): Plane {
  return { ...a, data: a.data.map((value, i) => value + b.data[i]!) };
}

function normalise(x: Plane, weights: Weights, name: string): Plane {
  const part = (suffix: string) => weights.get(`${name}.${suffix}`)!.data;
  return each(
    x,
    (value, c) =>
      (part('gamma')[c]! * (value - part('mean')[c]!)) / Math.sqrt(part('variance')[c]! + 1e-3) + part('beta')[c]!,
  );
}

/** TensorFlow's depth_to_space, block 2. */
export function depthToSpace(x: Plane): Plane {
  const channels = x.channels / 4;
  const result = plane(2 * x.width, 2 * x.height, channels);
  for (let row = 0; row < result.height; row++)
    for (let column = 0; column < result.width; column++)
      for (let c = 0; c < channels; c++)
        result.data[(row * result.width + column) * channels + c] = at(
          x,
          column >> 1,
          row >> 1,
          ((row & 1) * 2 + (column & 1)) * channels + c,
        );
  return result;
}

/** Keys' cubic convolution ×4, sample by sample, zero outside. */
function bicubic(x: Plane): Plane {
  const weight = (distance: number) => {
    const d = Math.abs(distance);
    if (d <= 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  const result = plane(4 * x.width, 4 * x.height, 3);
  for (let row = 0; row < result.height; row++)
    for (let column = 0; column < result.width; column++) {
      const [v, u] = [(row + 0.5) / 4 - 0.5, (column + 0.5) / 4 - 0.5];
      for (let c = 0; c < 3; c++) {
        let total = 0;
        for (let j = Math.floor(v) - 1; j <= Math.floor(v) + 2; j++)
          for (let i = Math.floor(u) - 1; i <= Math.floor(u) + 2; i++)
            total += at(x, i, j, c) * weight(v - j) * weight(u - i);
        result.data[(row * result.width + column) * 3 + c] = total;
      }
    }
  return result;
}
