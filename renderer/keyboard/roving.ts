/**
 * One tab stop for a group: arrows, Home and End move between its buttons and choices (the toolbar pattern of the ARIA
 * authoring practices). Left and right follow the reading direction.
 */
export function roving(node: HTMLElement) {
  let current: HTMLElement | undefined;
  const items = (): HTMLElement[] =>
    [...node.querySelectorAll<HTMLElement>('button, select')].filter(
      (item) => !(item as HTMLButtonElement).disabled && item.offsetParent !== null,
    );

  const refresh = (): void => {
    const all = items();
    if (!current || !all.includes(current)) current = all[0];
    for (const item of all) item.tabIndex = item === current ? 0 : -1;
  };

  const focusIn = (event: FocusEvent): void => {
    const item = (event.target as HTMLElement).closest<HTMLElement>('button, select');
    if (!item) return;
    current = item;
    refresh();
  };

  const keyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = items();
    const at = current ? all.indexOf(current) : 0;
    const isRtl = getComputedStyle(node).direction === 'rtl';
    const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
    const back = isRtl ? 'ArrowRight' : 'ArrowLeft';
    const to =
      event.key === forward
        ? all[(at + 1) % all.length]
        : event.key === back
          ? all[(at - 1 + all.length) % all.length]
          : event.key === 'Home'
            ? all[0]
            : event.key === 'End'
              ? all.at(-1)
              : undefined;
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus();
  };

  const observer = new MutationObserver(refresh);
  observer.observe(node, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled', 'hidden'] });
  node.addEventListener('focusin', focusIn);
  node.addEventListener('keydown', keyDown);
  refresh();
  return {
    destroy() {
      observer.disconnect();
      node.removeEventListener('focusin', focusIn);
      node.removeEventListener('keydown', keyDown);
    },
  };
}
