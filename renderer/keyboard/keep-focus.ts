const CONTROLS = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), summary, [tabindex="0"]';
/** Where one goes, another of its kind can stand for it. */
const ROWS = 'li, tr, section, main';

/**
 * The focus never falls to nothing: when the element that has it is taken away, the row that takes its place gets it,
 * else what it was part of, else the viewer. A browser leaves it on the body, where keys mean nothing and a screen
 * reader begins at the top. Returns the way to stop.
 */
export function keepFocus(): () => void {
  let last: Element | null = null;
  const focusIn = (event: FocusEvent): void => {
    last = event.target as Element;
  };
  /** A press on nothing gives the focus up on purpose. */
  const pointerDown = (event: PointerEvent): void => {
    if (!last?.contains(event.target as Node)) last = null;
  };
  const observer = new MutationObserver((records) => {
    if (!last || last.isConnected || document.activeElement !== document.body) return;
    const lost = last;
    const record = records.findLast(
      ({ target, removedNodes }) => target.isConnected && [...removedNodes].some((node) => node.contains(lost)),
    );
    if (record) successor(record, lost)?.focus({ preventScroll: true });
  });
  document.addEventListener('focusin', focusIn);
  document.addEventListener('pointerdown', pointerDown, true);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', focusIn);
    document.removeEventListener('pointerdown', pointerDown, true);
    observer.disconnect();
  };
}

function successor({ target, removedNodes, nextSibling }: MutationRecord, lost: Element): HTMLElement | null {
  const parent = target as Element;
  const gone = [...removedNodes].find((node) => node.contains(lost)) as Element;
  if (gone.matches(ROWS)) {
    const alike = [...parent.children].filter((each) => each.tagName === gone.tagName);
    const at = alike.findIndex((each) => isFrom(each, nextSibling));
    const control = firstControl(
      at < 0 ? alike.toReversed() : [...alike.slice(at), ...alike.slice(0, at).toReversed()],
    );
    if (control) return control;
  }
  for (let place: Element | null = parent; place; place = place.parentElement) {
    if (place.matches('[tabindex]')) return place as HTMLElement;
    const control = place.matches('li, tr') ? firstControl([place, ...rowsAfter(place)]) : null;
    if (control) return control;
  }
  return document.querySelector('[data-region="viewer"]');
}

const isFrom = (element: Element, start: Node | null): boolean =>
  start !== null &&
  (element === start || (start.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);

function* rowsAfter(row: Element): Generator<Element> {
  for (let next = row.nextElementSibling; next; next = next.nextElementSibling) yield next;
}

function firstControl(places: Iterable<Element>): HTMLElement | null {
  for (const place of places) {
    const control = place.matches(CONTROLS) ? place : place.querySelector(CONTROLS);
    if (control) return control as HTMLElement;
  }
  return null;
}
