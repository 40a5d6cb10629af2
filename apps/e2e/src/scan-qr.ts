import jsQR from "jsqr";
import { PNG } from "pngjs";

/** What the camera of a phone reads from a picture of the screen; `undefined` where there is no QR code in it. */
export function scanQr(picture: Uint8Array): string | undefined {
  const { data, width, height } = PNG.sync.read(Buffer.from(picture));
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data;
}
