import type { Catalogue } from '../i18n/english.ts';

export type Action = keyof Catalogue['shortcuts']['actions'];

/**
 * A key press that means an action. Letters are matched by what the key says (`key`), punctuation by where it lies
 * (`code`), so both work on every layout. `ctrl` is Ctrl, or Cmd on a Mac. Single keys (without ctrl) act only while
 * viewer or filmstrip has the focus unless `everywhere`; those that type a character can be switched off (WCAG 2.1.4).
 */
export interface Binding {
  readonly action: Action;
  readonly key?: string;
  readonly code?: string;
  readonly ctrl?: boolean;
  readonly shift?: boolean;
  readonly everywhere?: boolean;
  /** Not offered for remapping: navigation every program shares. */
  readonly fixed?: boolean;
}

const ctrl = { ctrl: true, everywhere: true, fixed: true } as const;

export const BINDINGS: readonly Binding[] = [
  { action: 'open', key: 'o', ...ctrl },
  { action: 'openFolder', key: 'o', shift: true, ...ctrl },
  { action: 'export', key: 'e', ...ctrl },
  { action: 'exportAlbum', key: 'e', shift: true, ...ctrl },
  { action: 'settings', code: 'Comma', ...ctrl },
  { action: 'shortcuts', key: 'F1', everywhere: true, fixed: true },
  { action: 'undo', key: 'z', ...ctrl },
  { action: 'redo', key: 'z', shift: true, ...ctrl },
  { action: 'nextRegion', key: 'F6', everywhere: true, fixed: true },
  { action: 'previousRegion', key: 'F6', shift: true, everywhere: true, fixed: true },
  { action: 'panLeft', key: 'ArrowLeft', fixed: true },
  { action: 'panRight', key: 'ArrowRight', fixed: true },
  { action: 'panUp', key: 'ArrowUp', fixed: true },
  { action: 'panDown', key: 'ArrowDown', fixed: true },
  { action: 'pageLeft', key: 'ArrowLeft', shift: true, fixed: true },
  { action: 'pageRight', key: 'ArrowRight', shift: true, fixed: true },
  { action: 'pageUp', key: 'ArrowUp', shift: true, fixed: true },
  { action: 'pageDown', key: 'ArrowDown', shift: true, fixed: true },
  { action: 'zoomIn', key: '+' },
  { action: 'zoomIn', key: '=' },
  { action: 'zoomOut', key: '-' },
  { action: 'fit', key: '0' },
  { action: 'actual', key: '1' },
  { action: 'double', key: '2' },
  { action: 'toggleFit', key: ' ', fixed: true },
  { action: 'previousPhoto', key: 'PageUp', fixed: true },
  { action: 'nextPhoto', key: 'PageDown', fixed: true },
  { action: 'single', key: 'v' },
  { action: 'split', key: 's' },
  { action: 'side', key: 'y' },
  { action: 'four', key: 'q' },
  { action: 'before', key: 'b' },
  { action: 'before', code: 'Backslash' },
  { action: 'splitLess', code: 'BracketLeft' },
  { action: 'splitMore', code: 'BracketRight' },
  { action: 'splitLessFine', code: 'BracketLeft', shift: true },
  { action: 'splitMoreFine', code: 'BracketRight', shift: true },
  { action: 'blendLess', code: 'Comma' },
  { action: 'blendMore', code: 'Period' },
  { action: 'blendLessCoarse', code: 'Comma', shift: true },
  { action: 'blendMoreCoarse', code: 'Period', shift: true },
  { action: 'useAlbum', key: 'r' },
  { action: 'loupe', key: 'l' },
  { action: 'overlay', key: 'i' },
  { action: 'enhanceView', key: 'e' },
  { action: 'escape', key: 'Escape', everywhere: true, fixed: true },
];

/** The user's own letters: action → key label. */
export type KeyOverrides = Readonly<Partial<Record<Action, string>>>;

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export interface KeyContext {
  /** Viewer or filmstrip has the focus. */
  readonly inViewer: boolean;
  /** Text is being written: its undo comes before the blend's. */
  readonly inText?: boolean;
  /** Keys that type a character are shortcuts at all. */
  readonly characterKeys: boolean;
  readonly mac: boolean;
  readonly overrides: KeyOverrides;
}

/** The bindings with the user's own keys put in place of the standard ones. */
export function bindingsWith(overrides: KeyOverrides): Binding[] {
  const mapped = BINDINGS.filter((binding) => binding.fixed || overrides[binding.action] === undefined);
  for (const [action, key] of Object.entries(overrides))
    if (key && BINDINGS.some((binding) => binding.action === action && !binding.fixed))
      mapped.push({ action: action as Action, key });
  return mapped;
}

/** Types a letter, digit, punctuation or symbol when pressed alone; Space moves and presses, it is not of these. */
const isCharacter = ({ key, code, ctrl: withCtrl }: Binding): boolean =>
  !withCtrl && (code !== undefined || (key?.length === 1 && key !== ' '));

/** Which other action a key already means, for a key that is to be given to `action`. */
export function usedBy(press: KeyPress, action: Action, overrides: KeyOverrides): Action | undefined {
  // Letters are kept without Shift, so it is without Shift that they must be free.
  const shiftKey = press.shiftKey && !/^[a-z]$/i.test(press.key);
  const alone = { key: press.key, code: press.code, ...{ ctrlKey: false, metaKey: false, altKey: false }, shiftKey };
  const others = bindingsWith(overrides).filter((binding) => binding.action !== action);
  return others.find((binding) => matches(binding, alone, false))?.action;
}

/** What a key press means here, or undefined. */
export function actionFor(press: KeyPress, context: KeyContext): Action | undefined {
  return bindingsWith(context.overrides).find((binding) => {
    if (!binding.everywhere && !context.inViewer) return false;
    if (isCharacter(binding) && !context.characterKeys) return false;
    if (context.inText && (binding.action === 'undo' || binding.action === 'redo')) return false;
    return matches(binding, press, context.mac);
  })?.action;
}

function matches(binding: Binding, press: KeyPress, mac: boolean): boolean {
  if (press.altKey || (mac ? press.ctrlKey : press.metaKey)) return false;
  if ((binding.ctrl ?? false) !== (mac ? press.metaKey : press.ctrlKey)) return false;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (binding.code === undefined ? binding.key !== key : binding.code !== press.code) return false;
  // "+" needs Shift on many layouts: for printed signs the label already says it.
  const printed = binding.key?.length === 1 && !/[a-z ]/.test(binding.key);
  return printed || (binding.shift ?? false) === press.shiftKey;
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ' ': 'Space',
  Escape: 'Esc',
  Comma: ',',
  Period: '.',
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
  '-': '−',
};

/** A binding as it is printed in menus: "Ctrl+Shift+O". */
export function keyLabel(binding: Binding, mac: boolean): string {
  const name = binding.code ?? binding.key ?? '';
  const sign = SIGNS[name] ?? (name.length === 1 ? name.toUpperCase() : name);
  const parts = [...(binding.ctrl ? [mac ? '⌘' : 'Ctrl'] : []), ...(binding.shift ? [mac ? '⇧' : 'Shift'] : []), sign];
  return parts.join(mac ? '' : '+');
}

/** The keys of an action, for tooltips: "V", "+ or =". */
export function keysOf(action: Action, overrides: KeyOverrides, mac: boolean): string {
  return bindingsWith(overrides)
    .filter((binding) => binding.action === action)
    .map((binding) => keyLabel(binding, mac))
    .join(' / ');
}
