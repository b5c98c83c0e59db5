// Just enough of DER to find the parts of a signature.

/** The elements that lie one after the other: tag, the whole of each, and what is inside. */
export function elements(bytes) {
  const found = [];
  for (let start = 0; start < bytes.length; ) {
    const { body, end } = extent(bytes, start);
    found.push({ tag: bytes[start], whole: bytes.subarray(start, end), body: bytes.subarray(body, end) });
    start = end;
  }
  return found;
}

function extent(bytes, start) {
  let body = start + 2;
  let length = bytes[start + 1];
  if (length >= 0x80) {
    const count = length - 0x80;
    if (count < 1 || count > 4) throw new Error("the length of an element cannot be read");
    length = bytes.readUIntBE(body, count);
    body += count;
  }
  if (!(body + length <= bytes.length)) throw new Error("an element is longer than what it lies in");
  return { body, end: body + length };
}

/** The parts of the one element that these bytes are, or begin with. */
export const parts = (bytes) => elements(elements(bytes.subarray(0, extent(bytes, 0).end))[0].body);

/** A bit string whose bits fill whole bytes. */
export const bits = (element) => element.body.subarray(1);
