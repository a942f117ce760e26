import { vi } from 'vitest';

/** Keeps what the command says on stdout and stderr to itself, and gives it in `text`; until `vi.restoreAllMocks`. */
export function listen(): { text: string } {
  const said = { text: '' };
  const hear = (text: string | Uint8Array) => {
    said.text += text;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(hear);
  vi.spyOn(process.stderr, 'write').mockImplementation(hear);
  return said;
}
