/**
 * `npm run train -- <preset> --run <folder> (--minutes N | --steps N) [options]`: trains one of the networks.
 * `npm run train -- --run <folder> --resume [--minutes N | --steps N]`: goes on with a run.
 *
 * The presets, with the reasons of their numbers, are in presets.ts: srresnet-mse, srresnet-vgg22, srgan-mse, srgan-vgg22
 * and srgan-vgg54 as in the paper; fourfold-srresnet and fourfold-srgan, which are shipped.
 *
 *   --run <folder>    where log, checkpoints and report go; a bare name lies below scripts/train/runs
 *   --minutes N       the learning rate is scheduled so that the run ends N minutes from now, pauses included
 *   --steps N         the same by steps
 *   --resume          continue the run in that folder, also after a kill, with all it was given (but --vgg and --nice)
 *                     unless that is given anew; one that is finished is what another starts --from
 *   --from <weights>  start from a checkpoint (path without ending), an .onnx file, or the shipped pair ("models")
 *   --carry <folder>  add what an earlier adversarial run learned: the difference of the pair in that folder
 *   --reference <weights>  what the grid and smooth terms compare with; default: the weights of --from
 *   --data <folder>   the cache made by train:data (default scripts/train/.cache/data)
 *   --vgg <path>      VGG19: a tfjs layers model or the Keras .h5, for presets with a VGG loss
 *   --watch <folder>  pairs (HR, LR) to measure on while training
 *   --seed N          default 1
 *   --batch N --side N --rate X --pixel l1|mse --luminance X   instead of the preset's
 *   --precision float32|bfloat16  default: bfloat16 where the CPU multiplies it
 *   --nice N          priority of the process, 0 to 19, default 10
 *   --save N          seconds between checkpoints, default 180
 *   --tiny            2 blocks of 8 features, for a try-out
 */
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { loadBackend } from './backend.ts';
import { Dataset } from './dataset.ts';
import { kernels } from './kernels.ts';
import { fastestPrecision, type Precision } from './native-kernels.ts';
import { presetOf, presets, tiny } from './presets.ts';
import { train } from './run.ts';
import { type Knobs, RunFolder, type RunState } from './run-folder.ts';
import type { Budget } from './schedule.ts';
import { readStart, readStartAndReference } from './start-weights.ts';
import { Trainer } from './trainer.ts';
import { sourcesCommit } from './training-facts.ts';
import { loadVgg19 } from './vgg19.ts';
import { readPairs } from './watch.ts';

const { values: given, positionals } = commandOptions(import.meta.filename, {
  allowPositionals: true,
  options: {
    run: { type: 'string' },
    minutes: { type: 'string' },
    steps: { type: 'string' },
    resume: { type: 'boolean', default: false },
    from: { type: 'string' },
    carry: { type: 'string' },
    reference: { type: 'string' },
    data: { type: 'string' },
    vgg: { type: 'string' },
    watch: { type: 'string' },
    seed: { type: 'string', default: '1' },
    batch: { type: 'string' },
    side: { type: 'string' },
    rate: { type: 'string' },
    pixel: { type: 'string' },
    luminance: { type: 'string' },
    precision: { type: 'string' },
    nice: { type: 'string', default: '10' },
    save: { type: 'string' },
    tiny: { type: 'boolean', default: false },
  },
});

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`Expected a number for --${name} but received ${text}.`);
  return value;
}

function precisionGiven(): Precision | undefined {
  const { precision } = given;
  if (precision !== undefined && precision !== 'float32' && precision !== 'bfloat16')
    throw new Error(`There is no precision ${precision}.`);
  return precision;
}

function knobsGiven(): Knobs {
  const knobs: Knobs = {};
  for (const name of ['batch', 'side', 'rate', 'luminance'] as const) {
    const value = number(name, given[name]);
    if (value !== undefined) knobs[name] = value;
  }
  const { pixel } = given;
  if (pixel !== undefined && pixel !== 'l1' && pixel !== 'mse') throw new Error(`There is no pixel loss ${pixel}.`);
  if (pixel) knobs.pixel = pixel;
  return knobs;
}

async function main(): Promise<void> {
  if (!given.run) refuseCommand(import.meta.filename, 'Name the folder of the run with --run');
  setPriority(number('nice', given.nice) ?? 10);
  const path = /[/\\]/.test(given.run) ? resolve(given.run) : join(import.meta.dirname, 'runs', given.run);
  const folder = new RunFolder(path);
  const saved = given.resume ? folder.resume() : undefined;
  if (!given.resume && existsSync(`${folder.last}.json`))
    throw new Error(`There is a run in ${path}. Go on with --resume, or name another folder; nothing was changed.`);
  if (given.resume && !saved) throw new Error(`There is no checkpoint in ${path} to resume from.`);
  if (saved && saved.run.progress >= 1)
    throw new Error(`The run in ${path} is finished. Start another with --from ${folder.last}; nothing was changed.`);

  const name = saved?.run.preset ?? positionals[0];
  if (!name) throw new Error(`Name a preset: ${Object.keys(presets).join(', ')}.`);
  const small = saved?.run.tiny ?? given.tiny;
  const preset = small ? tiny(presetOf(name)) : { ...presetOf(name) };
  const knobs = { ...saved?.run.knobs, ...knobsGiven() };
  const { pixel, luminance, ...sizes } = knobs;
  Object.assign(preset, sizes);
  if (preset.pixel)
    preset.pixel = {
      ...preset.pixel,
      ...(pixel && { loss: pixel }),
      ...(luminance !== undefined && { luminance }),
    };

  const minutes = number('minutes', given.minutes);
  const steps = number('steps', given.steps);
  const budget: Budget = { done: saved?.run.progress ?? 0 };
  if (minutes !== undefined) budget.minutes = minutes;
  else if (steps !== undefined) budget.steps = steps;
  else if (saved?.run.minutesLeft !== undefined) budget.minutes = saved.run.minutesLeft;
  else if (saved?.run.stepsLeft !== undefined) budget.steps = saved.run.stepsLeft;
  else throw new Error('Say how long to train: --minutes N or --steps N.');

  const { start, reference: faithful } =
    !saved && given.from ? readStartAndReference(given.from, preset, given.carry) : {};
  if (!saved && !start && preset.startsFrom)
    console.log(
      `${name} is meant to start from ${preset.startsFrom} (--from); without it the adversarial game starts from noise.`,
    );

  const asked = precisionGiven();
  const backend = await loadBackend();
  const precision = asked ?? saved?.run.precision ?? fastestPrecision(backend);
  const ops = kernels(backend, precision);
  const vgg = preset.vgg && given.vgg ? await loadVgg19(backend, ops, given.vgg) : undefined;
  const seed = saved?.run.seed ?? number('seed', given.seed) ?? 1;
  const weights = saved?.weights.tensors ?? start?.tensors;
  // What was carried over departs from SRResNet already, so it is no reference.
  const reference = given.reference ? readStart(given.reference, {}).tensors : faithful?.tensors;
  const trainer = new Trainer(backend, {
    preset,
    seed,
    precision,
    ...(weights && { weights }),
    ...(vgg && { vgg }),
    ...(reference && { reference }),
  });
  if (saved) trainer.restore(saved.state.tensors, saved.run.optimiserSteps);

  const commit = sourcesCommit();
  const newRun = (): RunState => ({
    preset: name,
    tiny: small,
    seed,
    step: 0,
    progress: 0,
    hours: 0,
    from: start ? (given.from as string) : 'nothing',
    // Over all the runs before.
    fromSteps: (start?.meta.step ?? 0) + Number(start?.meta.fromSteps ?? 0) + Number(start?.meta.carriedSteps ?? 0),
    optimiserSteps: {},
    ...(commit !== undefined && { commit }),
  });
  const save = number('save', given.save);
  const state: RunState = {
    ...(saved?.run ?? newRun()),
    ...(Object.keys(knobs).length > 0 && { knobs }),
    ...(given.data && { data: resolve(given.data) }),
    ...(asked && { precision: asked }),
    ...(given.watch && { watch: resolve(given.watch) }),
    ...(save !== undefined && { save }),
  };
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const data = new Dataset(state.data ?? join(import.meta.dirname, '.cache', 'data'));
  const [all, large] = [data.index.pictures.length, data.asLargeAs(preset.side)];
  const pictures =
    large === all ? `${all} pictures` : `${large} of ${all} pictures (the others are smaller than a crop)`;
  const pairs = state.watch ? await readPairs(state.watch) : [];
  console.log(`${name} with ${backend.name} on ${backend.device}, ${precision}, ${pictures}, into ${path}`);
  const every = { log: 30, save: state.save ?? 180, watch: 600 };
  const done = await train(backend, {
    folder,
    preset,
    trainer,
    data,
    budget,
    state,
    pairs,
    every,
    signal: stop.signal,
    say: console.log,
  });
  console.log(
    `${done} steps; ${stop.signal.aborted ? 'stopped, continue with --resume' : 'finished'}. Checkpoint: ${folder.last}.json`,
  );
}

await main();
// The addon's threads would keep the process alive.
process.exit();
