// Judges sealed files by the standards alone (GB/T 33190 clause 18, GB/T 38540, RFC 5652): DER is cut here, and every
// digest and signature is OpenSSL's. Each judge answers with what is wrong, an empty list for a sound file.
import { bits, elements, parts } from "./der.mjs";

const SM2_WITH_SM3 = Buffer.from("06082a811ccf55018375", "hex");
const MESSAGE_DIGEST = Buffer.from("06092a864886f70d010904", "hex");
const VALUE = "SignedValue.dat";

/** `files` is the unpacked package: a map from the path inside of it to the bytes. */
export function judgeOfd(files, openssl, root) {
  const faults = [];
  const expect = (holds, words) => holds || faults.push(words);
  const places = [...files.keys()].filter((name) => name.endsWith(`/${VALUE}`));
  expect(places.length > 0, "there is no signature");
  for (const place of places) {
    try {
      judgeSeal(files, place.slice(0, -VALUE.length), { openssl, root, expect });
    } catch (error) {
      faults.push(`${place} cannot be read: ${error.message}`);
    }
  }
  return faults;
}

function judgeSeal(files, folder, { openssl, root, expect }) {
  const value = sealSignature(files.get(folder + VALUE));
  const description = files.get(`${folder}Signature.xml`);
  expect(value.place === `/${folder}Signature.xml`, "the signature is for another place");
  expect(value.algorithm.equals(SM2_WITH_SM3), "the signature is not SM2 with SM3");
  expect(value.dataHash.equals(openssl.sm3(description)), "the data hash is not the SM3 of Signature.xml");
  expect(value.seal.whole.equals(files.get(`${folder}Seal.esl`)), "the seal in the signature is not the one in the package");
  expect(openssl.verifies(value), "the signature does not verify");
  expect(openssl.verifies(value.seal), "the signature of the seal's maker does not verify");
  expect(value.seal.users.some((user) => user.equals(value.certificate)), "the seal does not name who signed");
  for (const [who, certificate] of [["signer", value.certificate], ["seal's maker", value.seal.certificate]]) {
    expect(openssl.trusts(root, certificate), `the certificate of the ${who} is not from the root`);
  }
  const references = digests(description.toString());
  for (const [name, digest] of references) {
    expect(files.has(name) && openssl.sm3(files.get(name)).toString("base64") === digest, `${name} is not what was sealed`);
  }
  for (const name of files.keys()) {
    const own = [`${folder}Signature.xml`, folder + VALUE].includes(name);
    expect(own || references.has(name), `${name} is not sealed`);
  }
}

/** SES_Signature and the SESeal in it, GB/T 38540-2020 clause 7.2 and 7.1. */
function sealSignature(der) {
  const [toSign, certificate, algorithm, signature] = parts(der);
  const [, seal, , dataHash, place] = elements(toSign.body);
  const [info, maker, , sealed] = elements(seal.body);
  const property = elements(info.body)[2];
  return {
    signed: toSign.whole,
    certificate: certificate.body,
    algorithm: algorithm.whole,
    signature: bits(signature),
    dataHash: bits(dataHash),
    place: place.body.toString(),
    seal: {
      whole: seal.whole,
      signed: info.whole,
      certificate: maker.body,
      signature: bits(sealed),
      users: elements(elements(property.body)[3].body).map((user) => user.body),
    },
  };
}

function digests(description) {
  const found = description.matchAll(/<ofd:Reference\s+FileRef="\/([^"]+)"\s*>\s*<ofd:CheckValue>([^<]+)<\/ofd:CheckValue>/g);
  return new Map([...found].map(([, name, digest]) => [name, digest]));
}

export function judgePdf(pdf, openssl, root) {
  const faults = [];
  const expect = (holds, words) => holds || faults.push(words);
  try {
    const { content, der } = signatureOfPdf(pdf, expect);
    const value = signedData(der);
    expect(value.digest.equals(openssl.sm3(content)), "the digest is not the SM3 of the byte range");
    expect(openssl.verifies(value), "the signature does not verify");
    expect(openssl.trusts(root, value.certificate), "the certificate of the signer is not from the root");
  } catch (error) {
    faults.push(`the signature cannot be read: ${error.message}`);
  }
  return faults;
}

/** What the byte range covers, and what lies in the gap that it leaves. */
function signatureOfPdf(pdf, expect) {
  const [, ...numbers] = pdf.toString("latin1").match(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/) ?? [];
  const [start, before, after, rest] = numbers.map(Number);
  expect(start === 0 && after + rest === pdf.length, "the byte range is not the whole file");
  const gap = pdf.subarray(before, after).toString("latin1");
  if (!/^<[0-9a-f]+>$/.test(gap)) throw new Error("the gap holds more than a signature");
  return { content: Buffer.concat([pdf.subarray(start, before), pdf.subarray(after)]), der: Buffer.from(gap.slice(1, -1), "hex") };
}

/** SignedData with one signer and signed attributes (RFC 5652 clause 5). */
function signedData(der) {
  const [, wrapped] = parts(der);
  const [, , , certificates, signers] = parts(wrapped.body);
  const [, , , attributes, , signature] = parts(signers.body);
  const digest = elements(attributes.body).map((attribute) => elements(attribute.body)).find(([kind]) => kind.whole.equals(MESSAGE_DIGEST));
  // What is signed is the set as such, not under the tag that it has inside of the signer (clause 5.4).
  const signed = Buffer.concat([Buffer.from([0x31]), attributes.whole.subarray(1)]);
  return { signed, signature: signature.body, digest: parts(digest[1].whole)[0].body, certificate: elements(certificates.body)[0].whole };
}
