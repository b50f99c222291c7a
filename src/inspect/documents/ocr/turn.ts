import { fromPnm, toPnm } from '../images/grey-image.js';

/**
 * A portable grey map turned clockwise by quarters; undefined for any other image.
 */
export function turnPnm(bytes: Buffer, quarters: 1 | 2 | 3): Buffer | undefined {
  const image = fromPnm(bytes);
  if (image === undefined) return undefined;
  const { width, height, pixels } = image;
  const turned = Buffer.alloc(pixels.length);
  const sideways = quarters !== 2;
  const turnedWidth = sideways ? height : width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = pixels[y * width + x] ?? 0;
      if (quarters === 1) turned[x * turnedWidth + (height - 1 - y)] = pixel;
      else if (quarters === 2) turned[(height - 1 - y) * turnedWidth + (width - 1 - x)] = pixel;
      else turned[(width - 1 - x) * turnedWidth + y] = pixel;
    }
  }
  return toPnm({ width: turnedWidth, height: sideways ? width : height, pixels: turned });
}
