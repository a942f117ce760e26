import { describe, expect, test } from 'vitest';
import { FramePace } from '../../renderer/viewer/frame-pace.ts';

const during = (pace: FramePace, ms: number, frames: number): void => {
  for (let frame = 0; frame < frames; frame++) pace.took(ms);
};

describe('what a moving picture is painted at', () => {
  test('in full while frames come at fifty a second', () => {
    const pace = new FramePace();
    during(pace, 20, 100);
    expect(pace.resolution).toBe(1);
  });

  test('at half once frames take longer than 24 ms, and it stays so when that helps', () => {
    const pace = new FramePace();
    during(pace, 40, 5);
    expect(pace.resolution).toBe(0.5);
    during(pace, 17, 100);
    expect(pace.resolution).toBe(0.5);
  });

  test('one slow frame among quick ones decides nothing', () => {
    const pace = new FramePace();
    for (let frame = 0; frame < 50; frame++) pace.took(frame % 5 === 0 ? 200 : 16);
    expect(pace.resolution).toBe(1);
  });

  test('in full again where half is no quicker: the screen itself is slow', () => {
    const pace = new FramePace();
    during(pace, 33, 5);
    during(pace, 33, 5);
    expect(pace.resolution).toBe(1);
    during(pace, 33, 100);
    expect(pace.resolution).toBe(1);
  });

  test('a canvas of another size is judged anew', () => {
    const pace = new FramePace();
    during(pace, 40, 5);
    pace.forget();
    expect(pace.resolution).toBe(1);
  });
});
