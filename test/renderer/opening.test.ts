import { describe, expect, test } from 'vitest';
import { folderOf } from '../../renderer/client.ts';
import { Opening } from '../../renderer/components/opening.ts';
import type { App } from '../../renderer/state/app.svelte.ts';

/** Of no chosen folder, which a browser says so. */
const fileNamed = (name: string) => Object.assign(new File(['x'], name), { webkitRelativePath: '' });

/** A dropped file as the browser has it, as far as it is asked. */
const fileEntry = (path: string, file = fileNamed(path.slice(path.lastIndexOf('/') + 1))) => ({
  ...{ isDirectory: false, isFile: true, fullPath: path },
  file: (done: (file: File) => void) => done(file),
});
const deniedEntry = (path: string) => ({
  ...fileEntry(path),
  file: (_: unknown, fail: (error: Error) => void) => fail(new Error(`${path} cannot be read`)),
});
/** A dropped folder: `readEntries` gives a hundred at a time, and none at the end. */
const folderEntry = (path: string, entries: readonly unknown[]) => ({
  ...{ isDirectory: true, isFile: false, fullPath: path },
  createReader() {
    let from = 0;
    return {
      readEntries(done: (batch: readonly unknown[]) => void) {
        done(entries.slice(from, from + 100));
        from += 100;
      },
    };
  },
});

/** Drops them, and tells what was opened or why nothing was. */
async function dropped(entries: readonly unknown[], { upload = true, files = [] as readonly File[] } = {}) {
  let opened: readonly File[] | undefined;
  let refused: unknown;
  const app = {
    preferences: { capabilities: { upload } },
    library: { openFiles: async (all: readonly File[]) => void (opened = all) },
    attempt: (work: () => Promise<void>) =>
      work().catch((error: unknown) => {
        refused = error;
      }),
  } as unknown as App;
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  await new Opening(app).drop({ items, files } as unknown as DataTransfer);
  return { opened, refused };
}

describe('what is dropped', () => {
  test('is every file of a folder, however deep, each with the folder it lay in', async () => {
    const tree = folderEntry('/trip', [
      fileEntry('/trip/a.jpg'),
      folderEntry('/trip/day', [folderEntry('/trip/day/one', [fileEntry('/trip/day/one/b.jpg')])]),
      folderEntry('/trip/empty', []),
      fileEntry('/trip/c.jpg'),
    ]);
    const { opened } = await dropped([tree, fileEntry('/d.jpg')]);
    expect(opened?.map((file) => `${folderOf(file)}|${file.name}`)).toEqual([
      'trip|a.jpg',
      'trip/day/one|b.jpg',
      'trip|c.jpg',
      '|d.jpg',
    ]);
  });

  test('is more than the hundred files that a browser tells of at once', async () => {
    const many = Array.from({ length: 250 }, (_, at) => fileEntry(`/many/${at}.jpg`));
    const { opened } = await dropped([folderEntry('/many', many)]);
    expect(opened?.map(({ name }) => name)).toEqual(many.map((_, at) => `${at}.jpg`));
  });

  test('with something that cannot be read is refused, and the reason goes to the page', async () => {
    const { opened, refused } = await dropped([
      folderEntry('/trip', [fileEntry('/trip/a.jpg'), deniedEntry('/trip/b.jpg')]),
    ]);
    expect(opened).toBeUndefined();
    expect(String(refused)).toContain('/trip/b.jpg');
  });

  test('is the file itself where the browser has no entry for it', async () => {
    const files = [new File(['x'], 'a.jpg')];
    expect((await dropped([null], { files })).opened).toEqual(files);
  });

  test('goes as it is to an edition that resolves folders by their path', async () => {
    const files = [new File([''], 'trip')];
    const { opened } = await dropped([folderEntry('/trip', [fileEntry('/trip/a.jpg')])], { upload: false, files });
    expect(opened).toEqual(files);
  });
});
