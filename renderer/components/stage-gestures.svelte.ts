import type { Preferences } from '../state/preferences.svelte.ts';
import type { Viewer } from '../state/viewer.svelte.ts';
import type { Pane } from '../viewer/compare-layout.ts';
import { deviceToSource, type Point } from '../viewer/viewport.ts';

/** A point of the stage in the pane it lies in, device px from the pane's corner. */
interface Hit {
  readonly index: number;
  readonly at: Point;
}

/** CSS px of a line of the wheel, where the system counts in lines. */
const LINE = 16;

/** What pointers do on the viewer: drag pans, two fingers and the wheel zoom, a double click goes to 100 % and back. */
export class StageGestures {
  /** The pane the pointer is in and the source px it points at: where the other panes show a ghost. */
  pointer = $state.raw<{ readonly pane: number; readonly at: Point } | null>(null);
  /** The pane the pointer was in last, wherever it is now. */
  lastPane = $state(0);
  isPanning = $state(false);

  readonly #viewer: Viewer;
  readonly #preferences: Preferences;
  readonly #panes: () => readonly Pane[];
  /** The element whose corner is the canvas's. */
  readonly #stage: () => HTMLElement;
  readonly #touches = new Map<number, Point>();
  #dragged: Point | null = null;

  constructor(viewer: Viewer, preferences: Preferences, panes: () => readonly Pane[], stage: () => HTMLElement) {
    this.#viewer = viewer;
    this.#preferences = preferences;
    this.#panes = panes;
    this.#stage = stage;
  }

  down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.#stage().setPointerCapture(event.pointerId);
    this.#dragged = this.#point(event);
    this.#touches.set(event.pointerId, this.#dragged);
    this.isPanning = true;
  };

  move = (event: PointerEvent): void => {
    const point = this.#point(event);
    this.#hover(point);
    if (!this.#touches.has(event.pointerId) || !this.#dragged) return;
    if (this.#touches.size === 2) this.#pinch(event.pointerId, point);
    else {
      this.#viewer.panBy(this.#dragged.x - point.x, this.#dragged.y - point.y);
      this.#dragged = point;
      this.#touches.set(event.pointerId, point);
    }
  };

  up = (event: PointerEvent): void => {
    this.#touches.delete(event.pointerId);
    this.#dragged = [...this.#touches.values()][0] ?? null;
    this.isPanning = this.#touches.size > 0;
  };

  leave = (): void => {
    this.pointer = null;
  };

  wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const hit = this.#hit(this.#point(event));
    if (!hit) return;
    const viewer = this.#viewer;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    if (event.ctrlKey || this.#preferences.settings.wheel === 'zoom') {
      // A pinch on a touchpad comes as a wheel with Ctrl, in much smaller steps.
      const step = event.ctrlKey ? 0.01 : 0.0022;
      viewer.zoomTo(viewer.view.zoom * Math.exp(-event.deltaY * lines * step), hit.at);
    } else viewer.panBy(event.deltaX * lines * viewer.pixelRatio, event.deltaY * lines * viewer.pixelRatio);
  };

  doubleClick = (event: MouseEvent): void => {
    const hit = this.#hit(this.#point(event));
    if (hit) this.#viewer.toggleFit(hit.at);
  };

  #hover(point: Point): void {
    const hit = this.#hit(point);
    const viewer = this.#viewer;
    if (!hit || !viewer.opened) return;
    const at = deviceToSource(viewer.view, viewer.pane, hit.at);
    this.pointer = { pane: hit.index, at };
    this.lastPane = hit.index;
    if (viewer.loupe.isOpen) viewer.loupe.moveTo(at, viewer.opened);
  }

  #pinch(moved: number, point: Point): void {
    const [one, two] = [...this.#touches.values()] as [Point, Point];
    const before = Math.hypot(one.x - two.x, one.y - two.y);
    this.#touches.set(moved, point);
    const [first, second] = [...this.#touches.values()] as [Point, Point];
    const after = Math.hypot(first.x - second.x, first.y - second.y);
    const middle = this.#hit({ x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 });
    if (before > 0 && middle) this.#viewer.zoomTo((this.#viewer.view.zoom * after) / before, middle.at);
  }

  /** Device px on the canvas of a mouse event. */
  #point(event: MouseEvent): Point {
    const box = this.#stage().getBoundingClientRect();
    const ratio = this.#viewer.pixelRatio;
    return { x: (event.clientX - box.left) * ratio, y: (event.clientY - box.top) * ratio };
  }

  /** Outside of every pane it counts as the first: a pan may leave the window. */
  #hit(point: Point): Hit | undefined {
    const panes = this.#panes();
    const within = panes.findIndex(
      ({ clip }) =>
        point.x >= clip.x && point.y >= clip.y && point.x < clip.x + clip.width && point.y < clip.y + clip.height,
    );
    const index = Math.max(0, within);
    const pane = panes[index];
    return pane && { index, at: { x: point.x - pane.frame.x, y: point.y - pane.frame.y } };
  }
}
