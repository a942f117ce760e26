/** The three lines between page and shell. A preload may only know these; nothing else is ever listened to. */
export const CHANNELS = {
  /** page → shell: `RequestMessage`, answered by `AnswerMessage`. */
  request: 'fourfold:request',
  /** preload → shell: paths of dropped or chosen files, answered by `Granted`. The page itself never holds a path. */
  grant: 'fourfold:grant',
  /** shell → page: `EventMessage`. */
  event: 'fourfold:event',
} as const;
