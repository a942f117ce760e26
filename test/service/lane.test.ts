import { expect, test } from 'vitest';
import { Lane, RANK } from '../../electron/service/lane.ts';

const later = () => {
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { done, finish };
};

test('a tile of the view goes before tiles of an export and the batch that asked earlier', async () => {
  const lane = new Lane();
  const order: string[] = [];
  const first = later();
  const runs = [
    lane.run(RANK.batch, async () => {
      await first.done;
      order.push('batch, running');
    }),
    lane.run(RANK.batch, async () => void order.push('batch')),
    lane.run(RANK.export, async () => void order.push('export')),
    lane.run(RANK.view, async () => void order.push('view 1')),
    lane.run(RANK.view, async () => void order.push('view 2')),
  ];
  first.finish();
  await Promise.all(runs);
  expect(order).toEqual(['batch, running', 'view 1', 'view 2', 'export', 'batch']);
});

test('a hold keeps the batch out between two tiles of the view', async () => {
  const lane = new Lane();
  const order: string[] = [];
  const release = lane.hold(RANK.view);
  const batch = lane.run(RANK.batch, async () => void order.push('batch'));
  await lane.run(RANK.view, async () => void order.push('view 1'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  await lane.run(RANK.view, async () => void order.push('ring'));
  expect(order).toEqual(['view 1', 'ring']);
  release();
  await batch;
  expect(order).toEqual(['view 1', 'ring', 'batch']);
});

test('a failure does not stop the line', async () => {
  const lane = new Lane();
  await expect(lane.run(RANK.view, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await lane.run(RANK.batch, async () => 'on')).toBe('on');
});
