/** Power at periods 4 and 2 px and at the frequencies beside them (levels²), over so many blocks. */
export interface GridScore {
  readonly energy: number;
  readonly neighbours: number;
  readonly blocks: number;
}

/** Figures of one picture, or of a set: then means, the grid weighted by blocks, the drift the worst of any channel. */
export interface Scores {
  readonly psnr: number;
  readonly ssim: number;
  /** Lower is more natural; left out below 192 × 96 px. */
  readonly niqe?: number;
  /** Distance to the original in VGG features, lower is nearer. */
  readonly vgg54?: number;
  readonly vgg22?: number;
  /** PSNR of the result, shrunk again, against its source, dB. */
  readonly shrunkPsnr?: number;
  /** Greatest shift of a channel's mean, levels of 255. */
  readonly drift?: number;
  /** Where the original is smooth. */
  readonly gridFlat?: GridScore;
  /** Grid over what is beside it in a typical block, textured ones too: originals have about 1.2. */
  readonly gridExcess?: number;
}
