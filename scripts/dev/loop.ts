/** What follows a build: the program is started again, or only the page loaded again. */
export interface Loop {
  readonly restart: () => void;
  readonly reload: () => void;
}
