import type { Region } from '../../electron/contract.ts';
import type { Size } from './viewport.ts';

export type CompareMode = 'single' | 'split' | 'side' | 'four';
export type SplitDirection = 'vertical' | 'horizontal';
export type Side = 'original' | 'bicubic' | 'faithful' | 'crisp' | 'blend';

/** A pane: `frame` is where the photo is laid out (device px on the canvas), `clip` the part of it that is painted. */
export interface Pane {
  readonly side: Side;
  readonly letter: 'A' | 'B' | '';
  readonly frame: Region;
  readonly clip: Region;
}

export interface CompareState {
  readonly mode: CompareMode;
  readonly a: Side;
  readonly b: Side;
  readonly direction: SplitDirection;
  /** Share of A in a split, 0…100. */
  readonly split: number;
  /** Show A everywhere (hold to compare). */
  readonly before: boolean;
}

/** Width of the line between panes that stand beside each other, device px. */
const GAP = 2;

/** Where the split lies, device px from the start of the canvas; whole, so that both sides meet without a seam. */
export function splitAt(state: Pick<CompareState, 'direction' | 'split'>, canvas: Size): number {
  const length = state.direction === 'vertical' ? canvas.width : canvas.height;
  return Math.round((length * state.split) / 100);
}

/** The panes of a mode. All frames of a mode have one size, so one view serves them all. */
export function layoutPanes(state: CompareState, canvas: Size): Pane[] {
  const whole = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  if (state.mode === 'side') {
    const vertical = state.direction === 'vertical';
    const width = vertical ? Math.floor((canvas.width - GAP) / 2) : canvas.width;
    const height = vertical ? canvas.height : Math.floor((canvas.height - GAP) / 2);
    const first = { x: 0, y: 0, width, height };
    const second = { x: canvas.width - width, y: canvas.height - height, width, height };
    return [pane(state.a, 'A', first), pane(state.before ? state.a : state.b, state.before ? 'A' : 'B', second)];
  }
  if (state.mode === 'four') {
    const width = Math.floor((canvas.width - GAP) / 2);
    const height = Math.floor((canvas.height - GAP) / 2);
    const right = canvas.width - width;
    const bottom = canvas.height - height;
    const side = (wanted: Side): Side => (state.before ? state.a : wanted);
    return [
      pane(side('original'), '', { x: 0, y: 0, width, height }),
      pane(side('bicubic'), '', { x: right, y: 0, width, height }),
      pane(side('faithful'), '', { x: 0, y: bottom, width, height }),
      pane(side('crisp'), '', { x: right, y: bottom, width, height }),
    ];
  }
  if (state.before) return [pane(state.a, 'A', whole)];
  if (state.mode === 'single') return [pane(state.b, 'B', whole)];
  const at = splitAt(state, canvas);
  const vertical = state.direction === 'vertical';
  const first = vertical ? { ...whole, width: at } : { ...whole, height: at };
  const second = vertical
    ? { ...whole, x: at, width: canvas.width - at }
    : { ...whole, y: at, height: canvas.height - at };
  return [
    { side: state.a, letter: 'A' as const, frame: whole, clip: first },
    { side: state.b, letter: 'B' as const, frame: whole, clip: second },
  ].filter((each) => each.clip.width > 0 && each.clip.height > 0);
}

/** Size of one pane's frame in a mode, device px. */
export const paneSize = (state: CompareState, canvas: Size): Size => {
  const [first] = layoutPanes({ ...state, before: false }, canvas);
  return first ? { width: first.frame.width, height: first.frame.height } : canvas;
};

const pane = (side: Side, letter: Pane['letter'], frame: Region): Pane => ({ side, letter, frame, clip: frame });
