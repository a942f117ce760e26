import { Arch, type Configuration } from 'electron-builder';
import { filesFor, UNPACKED } from './packaged-files.ts';
import { placeVcRuntime } from './vc-runtime.ts';

// `npm run dist`, on the system it is for (native packages are those of the machine).

const PHOTOS = [
  { ext: ['jpg', 'jpeg'], name: 'JPEG picture', mimeType: 'image/jpeg' },
  { ext: ['png'], name: 'PNG picture', mimeType: 'image/png' },
  { ext: ['webp'], name: 'WebP picture', mimeType: 'image/webp' },
  { ext: ['tif', 'tiff'], name: 'TIFF picture', mimeType: 'image/tiff' },
  { ext: ['avif'], name: 'AVIF picture', mimeType: 'image/avif' },
  { ext: ['gif'], name: 'GIF picture', mimeType: 'image/gif' },
];

// Files are listed by system only: beside a list of the system's, electron-builder reads a common one as a second set, and
// the first, then holding nothing but `!`, takes the whole repository in.
const configuration: Configuration = {
  appId: 'app.fourfold.desktop',
  productName: 'Fourfold',
  copyright: 'Copyright © The Fourfold developers',
  directories: { output: 'release', buildResources: 'build' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own macros
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
  asar: true,
  asarUnpack: UNPACKED,
  extraResources: [
    { from: 'models', to: 'models', filter: ['**/*', '!**/*.md'] },
    { from: 'build/licences.txt', to: 'licences.txt' },
  ],
  // Everything native comes built, by the hash in the lock file.
  npmRebuild: false,
  nodeGypRebuild: false,
  buildDependenciesFromSource: false,
  // The page brings its own words; these are Chromium's, for dialogs and menus.
  electronLanguages: ['en', 'en-US', 'zh-TW', 'zh_TW'],
  fileAssociations: PHOTOS.map((photo) => ({ ...photo, role: 'Viewer' as const, rank: 'Alternate' as const })),
  // Nothing is sent anywhere, so nothing is looked up for updates either.
  publish: null,
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
    // There are no cookies; it would only make macOS ask for the keychain.
    enableCookieEncryption: false,
    // Setting these breaks the signature Electron comes with; a build that is signed by nobody else needs a new one.
    resetAdHocDarwinSignature: true,
  },
  afterPack: async ({ electronPlatformName, appOutDir, arch }) => {
    if (electronPlatformName !== 'win32') return;
    await placeVcRuntime(appOutDir, arch === Arch.arm64 ? 'arm64' : 'x64', process.env.VC_RUNTIME_DIR);
  },

  win: { target: ['nsis'], icon: 'build/icons/icon.ico', files: filesFor('win') },
  nsis: {
    // Associations are only written by an installation for the whole machine.
    perMachine: true,
    oneClick: false,
    allowToChangeInstallationDirectory: true,
    deleteAppDataOnUninstall: false,
    license: 'LICENSE',
  },

  mac: {
    target: ['dmg', 'zip'],
    icon: 'build/icons/icon.icns',
    category: 'public.app-category.photography',
    // onnxruntime's library asks for it.
    minimumSystemVersion: '14.0',
    files: filesFor('mac'),
    hardenedRuntime: true,
    entitlements: 'build/entitlements.mac.plist',
    entitlementsInherit: 'build/entitlements.mac.plist',
  },

  linux: {
    // A deb must name the project's homepage, which a checkout does not know; the release knows and asks for one.
    target: ['AppImage', 'tar.gz'],
    executableName: 'fourfold',
    icon: 'build/icons',
    category: 'Graphics;Photography',
    synopsis: 'Enlarges photos four times, on your own machine',
    maintainer: 'The Fourfold developers <noreply@fourfold.invalid>',
    files: filesFor('linux'),
  },
};

export default configuration;
