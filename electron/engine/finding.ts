import type { ErrorParams } from './errors.ts';

/** What can be found out about a device or a precision. Closed, as the errors are: the app says it in the reader's language. */
const SENTENCES = {
  processor: () => 'On the processor.',
  'device-asked': (p) => `On ${p.device}, as asked, ${p.precision}.`,
  'device-faster': (p) => `On ${p.device}: ${p.times} × as fast as the processor, ${p.precision}.`,
  'precision-asked': (p) => `${p.precision} as asked.`,
  'photo-deep': () => 'fp32, because the photo has 16 bits.',
  'not-calibrated': () => 'fp32, because the weights are not calibrated for int8.',
  'int8-better': (p) => `int8: ${p.times} × as fast as fp32, ${p.apart}/255 from it.`,
  'int8-worse': (p) => `fp32: int8 is ${p.times} × as fast as fp32, ${p.apart}/255 from it here.`,
  works: (p) => `${p.precisions}; ${p.times} × as fast as the processor`,
  'not-in-build': (p) => `not part of the ${p.platform} build`,
  'library-missing': () => 'its provider library is not installed',
  'no-graphics': () => 'no graphics device was found',
  'precision-missing': (p) => `it cannot run ${p.precision}`,
  'process-ended': () => 'it ended the process when it was tried',
  'driver-ended': (p) => `its driver ended the process (${p.end})`,
  'driver-silent': (p) => `it did not answer in ${p.seconds} seconds`,
  'driver-failed': () => 'its driver did not start',
  'wrong-numbers': (p) => `${p.precision} gave wrong numbers (${p.apart} of 255 off)`,
  /** The runtime's own words. */
  other: (p) => String(p.words),
} satisfies Record<string, (params: ErrorParams) => string>;

export type FindingCode = keyof typeof SENTENCES;

/** Why a device and precision were taken, or were not. */
export interface Finding {
  readonly code: FindingCode;
  readonly sentence: string;
  readonly params?: ErrorParams;
}

/** The finding with its English sentence, which takes its values from `params`. */
export function finding(code: FindingCode, params?: ErrorParams): Finding {
  const say: (params: ErrorParams) => string = SENTENCES[code];
  return { code, sentence: say(params ?? {}), ...(params && { params }) };
}

/** Their sentences, one after the other. */
export function sentencesOf(findings: readonly Finding[]): string {
  return findings.map(({ sentence }) => sentence).join(' ');
}
