import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Who may speak to the host: pages of its own origin, in a browser that was given the token. Another site cannot read the
 * token or send the cookie; another program on this machine does not know them; a name that was rebound to 127.0.0.1
 * carries the wrong Host.
 */
export class Gate {
  readonly #session = secret();
  #token: string | undefined = secret();
  #origin = '';

  /** Known once the port is. */
  set origin(origin: string) {
    this.#origin = origin;
  }

  get origin(): string {
    return this.#origin;
  }

  /** Browsers keep cookies by name of the host alone: with the port in its own, two hosts do not shut each other out. */
  get #cookie(): string {
    return `fourfold-${new URL(this.#origin).port}`;
  }

  /** The address to open; good for one browser. */
  get entry(): string {
    return `${this.#origin}/?token=${this.#token ?? ''}`;
  }

  /** Exchanges the token for the cookie that opens everything else; undefined for a wrong or used one. */
  exchange(token: string | null): string | undefined {
    if (token === null || this.#token === undefined || !equal(token, this.#token)) return undefined;
    this.#token = undefined;
    return `${this.#cookie}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** The request was sent to this very host, and by none of another origin. */
  fromHere({ headers, method }: IncomingMessage): boolean {
    const { host, origin } = headers;
    if (`http://${host}` !== this.#origin) return false;
    if (origin !== undefined) return origin === this.#origin;
    // Browsers leave Origin out of plain reads only; those say where they come from in another header.
    if (method !== 'GET') return false;
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  /** The browser holds the cookie. */
  known({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? '').split(/;\s*/);
    return cookies.some(
      (cookie) => cookie.startsWith(`${this.#cookie}=`) && equal(cookie.slice(this.#cookie.length + 1), this.#session),
    );
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
