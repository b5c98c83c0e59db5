// What a telephone would read from a picture.
import assert from "node:assert/strict";
import jsQR from "jsqr";
import { PNG } from "pngjs";

/** The text of the QR code in a PNG picture. */
export function readQr(picture) {
  const { data, width, height } = PNG.sync.read(picture);
  const found = (jsQR.default ?? jsQR)(new Uint8ClampedArray(data), width, height);
  assert.ok(found, "the picture shows a QR code that can be read");
  return found.data;
}
