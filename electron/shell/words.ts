export interface RunningWork {
  readonly album: boolean;
  readonly exports: boolean;
}

/** What the shell says outside the page: menus, dialogs, notifications. */
export interface Words {
  readonly file: string;
  readonly edit: string;
  readonly view: string;
  readonly window: string;
  readonly help: string;
  readonly openPhotos: string;
  readonly openFolder: string;
  readonly openRecent: string;
  readonly clearRecent: string;
  readonly chooseFolder: string;
  readonly photos: string;
  readonly allFiles: string;
  readonly exportPhoto: string;
  readonly exportAlbum: string;
  readonly settings: string;
  readonly quit: string;
  readonly undoBlend: string;
  readonly redoBlend: string;
  readonly single: string;
  readonly split: string;
  readonly side: string;
  readonly four: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly actual: string;
  readonly loupe: string;
  readonly overlay: string;
  readonly fullScreen: string;
  readonly shortcuts: string;
  readonly licences: string;
  readonly about: string;
  readonly albumDone: (done: number, total: number) => string;
  readonly albumFailures: (failed: number) => string;
  readonly albumPaused: string;
  readonly quitTitle: string;
  readonly quitDetail: (running: RunningWork) => string;
  readonly keepWorking: string;
  readonly pauseAndQuit: string;
  readonly stopAndQuit: string;
  readonly stoppedForGood: string;
}

const english: Words = {
  file: '&File',
  edit: '&Edit',
  view: '&View',
  window: '&Window',
  help: '&Help',
  openPhotos: 'Open photos',
  openFolder: 'Open folder',
  openRecent: 'Open recent',
  clearRecent: 'Clear the list',
  chooseFolder: 'Choose a folder for the results',
  photos: 'Photos',
  allFiles: 'All files',
  exportPhoto: 'Export photo',
  exportAlbum: 'Export album',
  settings: 'Settings',
  quit: 'Quit',
  undoBlend: 'Undo blend',
  redoBlend: 'Redo blend',
  single: 'Single',
  split: 'Split',
  side: 'Side by side',
  four: 'Four-way',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Fit',
  actual: '100 %',
  loupe: 'Loupe',
  overlay: 'Invented detail',
  fullScreen: 'Full screen',
  shortcuts: 'Keyboard shortcuts',
  licences: 'Licences',
  about: 'About Fourfold',
  albumDone: (done, total) => `${done} of ${total} photos are done.`,
  albumFailures: (failed) => `${failed} could not be done; the list says why.`,
  albumPaused: 'The album is paused. Finished photos are kept.',
  quitTitle: 'Photos are still being enhanced.',
  quitDetail: ({ album, exports }) =>
    [
      'Finished photos are kept.',
      ...(album ? ['The album goes on when Fourfold is opened again.'] : []),
      ...(exports ? ['Single exports are stopped and leave no file; start them again next time.'] : []),
    ].join(' '),
  keepWorking: 'Keep working',
  pauseAndQuit: 'Pause and quit',
  stopAndQuit: 'Stop and quit',
  stoppedForGood: 'Fourfold stopped again and again. Saved photos are intact. Start it again; report it if it repeats.',
};

const traditionalChinese: Words = {
  file: '檔案(&F)',
  edit: '編輯(&E)',
  view: '檢視(&V)',
  window: '視窗(&W)',
  help: '說明(&H)',
  openPhotos: '開啟相片',
  openFolder: '開啟資料夾',
  openRecent: '最近開啟',
  clearRecent: '清除清單',
  chooseFolder: '選擇存放結果的資料夾',
  photos: '相片',
  allFiles: '所有檔案',
  exportPhoto: '匯出相片',
  exportAlbum: '匯出相簿',
  settings: '設定',
  quit: '結束',
  undoBlend: '復原混合',
  redoBlend: '重做混合',
  single: '單張',
  split: '分割',
  side: '並排',
  four: '四格',
  zoomIn: '放大',
  zoomOut: '縮小',
  fit: '符合視窗',
  actual: '100 %',
  loupe: '放大鏡',
  overlay: '虛構的細節',
  fullScreen: '全螢幕',
  shortcuts: '鍵盤快速鍵',
  licences: '授權條款',
  about: '關於 Fourfold',
  albumDone: (done, total) => `${total} 張相片已完成 ${done} 張。`,
  albumFailures: (failed) => `${failed} 張未能完成，清單中有原因。`,
  albumPaused: '相簿已暫停。已完成的相片都保留。',
  quitTitle: '仍有相片正在處理。',
  quitDetail: ({ album, exports }) =>
    [
      '已完成的相片都保留。',
      ...(album ? ['相簿會在下次開啟 Fourfold 時繼續。'] : []),
      ...(exports ? ['單張匯出會停止，不會留下檔案；下次請重新匯出。'] : []),
    ].join(''),
  keepWorking: '繼續處理',
  pauseAndQuit: '暫停並結束',
  stopAndQuit: '停止並結束',
  stoppedForGood: 'Fourfold 一再停止。已儲存的相片都完好。請重新啟動；若仍發生，請回報。',
};

/**
 * @param language the user's choice in Settings
 * @param locale the system's BCP 47 tag, asked when the choice is `system`; every Chinese gets the one Chinese there is
 */
export function wordsFor(language: 'system' | 'en' | 'zh-Hant', locale: string): Words {
  if (language === 'zh-Hant') return traditionalChinese;
  if (language === 'en') return english;
  return /^zh\b/i.test(locale) ? traditionalChinese : english;
}
