import type { App, Session, WebContents } from 'electron';
import { isPage } from './page-scheme.ts';

/** What the session may load at all: the page, what the page made itself, and the developer tools. */
const LOADABLE = new Set(['blob:', 'data:', 'devtools:']);

/** Nothing is asked of the network and no permission but one is given, whatever runs in the page. */
export function fenceSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(isAllowed(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url) }));
}

/** Text the page puts on the clipboard ("Copy list"); it may not read what lies there. */
function isAllowed(permission: string, address: string): boolean {
  return permission === 'clipboard-sanitized-write' && isPage(address);
}

function mayLoad(address: string): boolean {
  return isPage(address) || LOADABLE.has(new URL(address).protocol);
}

/** No second window, no other page in this one, no embedded page: for every web contents there ever is. */
export function fenceContents(app: Pick<App, 'on'>): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    // The page may reload itself; a file dropped beside the drop area, or any link, would otherwise replace it.
    const stay = (event: { preventDefault(): void; url: string }) => isPage(event.url) || event.preventDefault();
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}
