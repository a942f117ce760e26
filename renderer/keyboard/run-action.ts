import type { Before } from '../components/before.ts';
import type { Opening } from '../components/opening.ts';
import type { App } from '../state/app.svelte.ts';
import { ENLARGEMENT } from '../viewer/viewport.ts';
import type { Action } from './shortcuts.ts';

/** CSS px of one arrow press. */
const PAN = 64;

export interface ActionContext {
  readonly app: App;
  readonly before: Before;
  readonly opening: Opening;
  /** False where there is no further one. */
  focusRegion(by: 1 | -1): boolean;
}

/** What was typed into the focused field holds from now on, as if it had been left. */
function takeField(): void {
  const field = document.activeElement;
  if (!(field instanceof HTMLInputElement)) return;
  field.blur();
  field.focus();
}

/** Does what a key, menu or button of that name does. False: it means nothing now, let the browser have the key. */
export function runAction(action: Action, { app, before, opening, focusRegion }: ActionContext): boolean {
  const { viewer, library, blend } = app;
  const isPhoto = app.screen === 'photo' && viewer.opened !== null;
  const ratio = viewer.pixelRatio;
  const pan = (dx: number, dy: number): boolean => {
    if (!isPhoto) return false;
    if (viewer.loupe.isOpen) {
      const scale = (viewer.view.zoom * ENLARGEMENT) / ratio;
      const { at } = viewer.loupe;
      viewer.loupe.moveTo({ x: at.x + (dx / scale) * 0.25, y: at.y + (dy / scale) * 0.25 }, viewer.opened!);
    } else viewer.panBy(dx * ratio, dy * ratio);
    return true;
  };
  const page = { x: (viewer.pane.width / ratio) * 0.9, y: (viewer.pane.height / ratio) * 0.9 };
  const onPhoto = (work: () => void): boolean => {
    if (isPhoto) work();
    return isPhoto;
  };
  const always = (work: () => void): boolean => {
    work();
    return true;
  };
  const withField = (work: () => unknown): boolean => {
    takeField();
    void work();
    return true;
  };
  const actions: Record<Action, () => boolean> = {
    open: () => always(() => opening.photos()),
    openFolder: () => always(() => opening.folder()),
    export: () => withField(() => app.exporting.start()),
    exportAlbum: () => withField(() => library.ready.length > 0 && app.exportAlbum()),
    settings: () => always(() => (app.dialog = 'settings')),
    shortcuts: () => always(() => (app.dialog = 'shortcuts')),
    undo: () => always(() => void app.attempt(library.undo)),
    redo: () => always(() => void app.attempt(library.redo)),
    nextRegion: () => focusRegion(1),
    previousRegion: () => focusRegion(-1),
    panLeft: () => pan(-PAN, 0),
    panRight: () => pan(PAN, 0),
    panUp: () => pan(0, -PAN),
    panDown: () => pan(0, PAN),
    pageLeft: () => pan(-page.x, 0),
    pageRight: () => pan(page.x, 0),
    pageUp: () => pan(0, -page.y),
    pageDown: () => pan(0, page.y),
    zoomIn: () => onPhoto(() => viewer.zoomBy(1)),
    zoomOut: () => onPhoto(() => viewer.zoomBy(-1)),
    fit: () => onPhoto(() => viewer.fit()),
    actual: () => onPhoto(() => viewer.zoomTo(1)),
    double: () => onPhoto(() => viewer.zoomTo(2)),
    toggleFit: () => onPhoto(() => viewer.toggleFit()),
    previousPhoto: () => always(() => library.step(-1)),
    nextPhoto: () => always(() => library.step(1)),
    single: () => onPhoto(() => viewer.setMode('single')),
    split: () => onPhoto(() => viewer.setMode('split')),
    side: () => onPhoto(() => viewer.setMode('side')),
    four: () => onPhoto(() => viewer.setMode('four')),
    before: () => onPhoto(() => before.press()),
    splitLess: () => onPhoto(() => viewer.moveSplit(-5)),
    splitMore: () => onPhoto(() => viewer.moveSplit(5)),
    splitLessFine: () => onPhoto(() => viewer.moveSplit(-1)),
    splitMoreFine: () => onPhoto(() => viewer.moveSplit(1)),
    blendLess: () => onPhoto(() => blend.step(-1)),
    blendMore: () => onPhoto(() => blend.step(1)),
    blendLessCoarse: () => onPhoto(() => blend.step(-10)),
    blendMoreCoarse: () => onPhoto(() => blend.step(10)),
    useAlbum: () => onPhoto(() => blend.useAlbum()),
    loupe: () => onPhoto(() => viewer.loupe.toggle(viewer.view.center)),
    overlay: () => onPhoto(() => (viewer.overlay = !viewer.overlay)),
    enhanceView: () => onPhoto(() => viewer.enhancing.now()),
    escape: () => {
      if (viewer.loupe.isOpen) return always(() => viewer.loupe.toggle(viewer.view.center));
      if (app.isDrawerOpen) return always(() => (app.isDrawerOpen = false));
      return false;
    },
  };
  return actions[action]();
}
