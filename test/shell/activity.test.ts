import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Album, Job, JobCounts, PlainError } from '../../electron/contract.ts';
import { Activity } from '../../electron/shell/activity.ts';
import { wordsFor } from '../../electron/shell/words.ts';

let now: number;
let focused: boolean;
const letSleep = vi.fn();
const outlets = {
  setProgress: vi.fn(),
  keepAwake: vi.fn(() => letSleep),
  notify: vi.fn(),
  focused: () => focused,
  words: () => wordsFor('en', 'en'),
  now: () => now,
};
let activity: Activity;

beforeEach(() => {
  vi.clearAllMocks();
  now = 0;
  focused = false;
  activity = new Activity(outlets, { keepAwake: true, notifications: true });
});

const none = { waiting: 0, running: 0, paused: 0, done: 0, skipped: 0, failed: 0, cancelled: 0 };
function album(state: Album['state'], counts: Partial<JobCounts>, pausedBy?: PlainError): void {
  const data = { state, counts: { ...none, total: 10, ...counts }, secondsLeft: null, ...(pausedBy && { pausedBy }) };
  activity.take({ event: 'album.changed', data: { album: data, jobs: [] } });
}
const exportJob = (id: string, state: Job['state'], progress: number) =>
  activity.take({ event: 'export.changed', data: { id, state, progress } as Job });

describe('an album', () => {
  test('keeps the computer awake from start to end, once', () => {
    album('running', { running: 1, waiting: 9 });
    album('running', { running: 1, waiting: 8, done: 1 });
    expect(outlets.keepAwake).toHaveBeenCalledOnce();
    expect(letSleep).not.toHaveBeenCalled();
    album('idle', { done: 10 });
    expect(letSleep).toHaveBeenCalledOnce();
  });

  test('lets it sleep while paused', () => {
    album('running', { running: 1 });
    album('paused', { paused: 1 });
    expect(letSleep).toHaveBeenCalledOnce();
    expect(activity.busy).toBe(false);
    album('running', { running: 1 });
    expect(outlets.keepAwake).toHaveBeenCalledTimes(2);
  });

  test('lets it sleep at once when the user says so', () => {
    album('running', { running: 1 });
    activity.take({ event: 'settings.changed', data: { keepAwake: false, notifications: true } as never });
    expect(letSleep).toHaveBeenCalledOnce();
  });

  test('shows the share that has ended, whatever the end', () => {
    album('running', { done: 2, failed: 1, skipped: 1, cancelled: 1, running: 1, waiting: 4 });
    expect(outlets.setProgress).toHaveBeenLastCalledWith(0.5, 'normal');
    album('paused', { done: 5, paused: 5 });
    expect(outlets.setProgress).toHaveBeenLastCalledWith(0.5, 'paused');
    album('paused', { done: 5, paused: 5 }, { code: 'disk-full', sentence: 'The disk is full.' });
    expect(outlets.setProgress).toHaveBeenLastCalledWith(0.5, 'error');
    album('idle', { done: 10 });
    expect(outlets.setProgress).toHaveBeenLastCalledWith(-1, 'normal');
  });

  test('tells when it ends after long enough and nobody looks', () => {
    album('running', { waiting: 10 });
    now = 31_000;
    album('idle', { done: 9, failed: 1 });
    expect(outlets.notify).toHaveBeenCalledExactlyOnceWith(
      'Fourfold',
      '9 of 10 photos are done. 1 could not be done; the list says why.',
    );
  });

  test.each([
    ['it was short', 29_000, false, true],
    ['the window has the focus', 60_000, true, true],
    ['notifications are off', 60_000, false, false],
  ])('tells nothing when %s', (_, took, looking, notifications) => {
    activity.take({ event: 'settings.changed', data: { keepAwake: true, notifications } as never });
    album('running', { waiting: 10 });
    now = took;
    focused = looking;
    album('idle', { done: 10 });
    expect(outlets.notify).not.toHaveBeenCalled();
  });

  test('one that was paused and then cancelled has nothing to do with the next, which is short', () => {
    album('running', { waiting: 10 });
    album('paused', { paused: 10 });
    album('idle', { cancelled: 10 });
    now = 60_000;
    album('running', { waiting: 1 });
    now = 61_000;
    album('idle', { done: 1 });
    expect(outlets.notify).not.toHaveBeenCalled();
  });

  test('tells of a pause it made itself, not of one the user made', () => {
    album('running', { waiting: 10 });
    now = 60_000;
    album('paused', { paused: 10 });
    expect(outlets.notify).not.toHaveBeenCalled();
    album('running', { waiting: 10 });
    album('paused', { paused: 10 }, { code: 'disk-full', sentence: 'The disk is full.' });
    expect(outlets.notify).toHaveBeenCalledExactlyOnceWith(
      'Fourfold',
      'The album is paused. Finished photos are kept. The disk is full.',
    );
  });
});

test('exports count as work, and show their mean', () => {
  exportJob('a', 'running', 0.2);
  exportJob('b', 'waiting', 0);
  expect(activity.busy).toBe(true);
  expect(outlets.setProgress).toHaveBeenLastCalledWith(0.1, 'normal');
  expect(outlets.keepAwake).toHaveBeenCalledOnce();
  exportJob('a', 'done', 1);
  exportJob('b', 'failed', 0.4);
  expect(activity.busy).toBe(false);
  expect(outlets.setProgress).toHaveBeenLastCalledWith(-1, 'normal');
  expect(letSleep).toHaveBeenCalledOnce();
});

test('a service that went away leaves nothing running', () => {
  album('running', { running: 1 });
  activity.reset();
  expect(activity.busy).toBe(false);
  expect(letSleep).toHaveBeenCalledOnce();
});
