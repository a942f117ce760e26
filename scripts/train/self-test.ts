/** The self-test at the end of set-up: a few real training steps of the shipped generator on noise, timed. */
import { loadBackend, type Tensor, type Tensor4D } from './backend.ts';
import { createGenerator, fourfold, generatorParameters, type Weights } from './generator.ts';
import { kernels } from './kernels.ts';
import { fastestPrecision } from './native-kernels.ts';

export async function selfTest(): Promise<void> {
  const backend = await loadBackend();
  const { tf } = backend;
  // Pure tfjs needs minutes for a full step: a sixteenth of the batch says as much.
  const batch = backend.native ? 8 : 1;
  const side = backend.native ? 24 : 12;
  const parameters = generatorParameters(fourfold);
  const names = parameters.map(({ name }) => name);
  const tensors = parameters.map(({ shape }) => tf.randomNormal(shape, 0, 0.02));
  const precision = fastestPrecision(backend);
  const forward = createGenerator(tf, kernels(backend, precision), fourfold);
  const x = tf.randomUniform([batch, side, side, 3]) as Tensor4D;
  const y = tf.randomUniform([batch, 4 * side, 4 * side, 3]) as Tensor4D;
  const gradients = tf.valueAndGrads((...weights: Tensor[]) => {
    const named: Weights = Object.fromEntries(names.map((name, index) => [name, weights[index] as Tensor]));
    return tf.losses.absoluteDifference(y, forward(x, named)).asScalar();
  });
  const step = () =>
    tf.tidy(() => {
      const { value, grads } = gradients(tensors);
      grads[0]?.dataSync();
      return value.dataSync()[0] as number;
    });
  let loss = step();
  const rounds = backend.native ? 5 : 1;
  const start = performance.now();
  for (let i = 0; i < rounds; i++) loss = step();
  const seconds = (performance.now() - start) / 1000 / rounds;
  const pixels = Math.round((batch * side * side) / seconds);
  console.log(
    `backend ${backend.name}, device ${backend.device}, ${precision}: ${(1 / seconds).toFixed(2)} steps a second ` +
      `(batch ${batch} of ${side}², ${pixels} source pixels a second), loss ${loss.toFixed(4)}.`,
  );
  if (!Number.isFinite(loss)) throw new Error('The self-test gave no number: this TensorFlow build is not usable.');
}
