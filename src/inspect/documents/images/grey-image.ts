/** Grey pixels, a byte each, row after row; 0 is black. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

/** Portable grey map: a header and the pixels. */
export function toPnm(image: GreyImage): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${image.width} ${image.height}\n255\n`, 'latin1'), image.pixels]);
}

/** Reads back what `toPnm` wrote; undefined for anything else. */
export function fromPnm(bytes: Buffer): GreyImage | undefined {
  const header = /^P5\n(\d{1,9}) (\d{1,9})\n255\n/.exec(bytes.toString('latin1', 0, 32));
  if (header === null) return undefined;
  const [width, height] = [Number(header[1]), Number(header[2])];
  const pixels = bytes.subarray(header[0].length);
  return pixels.length === width * height ? { width, height, pixels } : undefined;
}

/** Whether all pixels are alike: there is nothing to be read. */
export function isPlain(image: GreyImage): boolean {
  const first = image.pixels[0];
  return image.pixels.every((pixel) => pixel === first);
}
