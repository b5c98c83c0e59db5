//! Keys, digests and signatures against the standards' examples and OpenSSL.

use tongban_crypto::{SigningKey, VerifyingKey, hmac_sm3, sm3_hex};

use crate::openssl::Openssl;

/// GB/T 32918.5, example of signing on the recommended curve.
const SECRET: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
const X: &str = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020";
const Y: &str = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
const R: &str = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3";
const S: &str = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";

#[test]
fn the_signature_of_the_standard_verifies_and_no_other_message_does() {
    let key = SigningKey::from_bytes(&hex::decode(SECRET).unwrap()).unwrap();
    let public = key.verifying_key();
    assert_eq!(hex::encode_upper(public.to_bytes()), format!("04{X}{Y}"));
    let signature = hex::decode(format!("3046022100{R}022100{S}")).unwrap();
    public.verify(b"message digest", &signature).unwrap();
    let other = public.verify(b"message digesT", &signature).unwrap_err();
    assert_eq!(other.code(), "crypto.signature");
    assert!(
        public
            .verify_as("someone else", b"message digest", &signature)
            .is_err()
    );
}

#[test]
fn the_ciphertext_of_the_standard_decrypts() {
    let key = SigningKey::from_bytes(&hex::decode(SECRET).unwrap()).unwrap();
    let x = "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73";
    let y = "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0";
    let hash = "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766";
    let cipher = "21886CA989CA9C7D58087307CA93092D651EFA";
    let body = format!("0220{x}022100{y}0420{hash}0413{cipher}");
    let der = hex::decode(format!("30{:02X}{body}", body.len() / 2)).unwrap();
    assert_eq!(*key.decrypt(&der).unwrap(), b"encryption standard");
}

#[test]
fn openssl_reads_our_key_and_accepts_our_signature() {
    let openssl = Openssl::new();
    let key = SigningKey::generate().unwrap();
    openssl.write("key.pem", key.to_pkcs8_pem().unwrap().as_bytes());
    openssl.write("public.pem", key.verifying_key().to_pem().unwrap());
    openssl.write("message", "通办");
    openssl.write("signature", key.sign("通办".as_bytes()).unwrap());
    assert!(openssl.run("pkey -in key.pem -text -noout").contains("SM2"));
    let verify = "dgst -sm3 -verify public.pem -signature signature -sigopt";
    openssl.run(&format!("{verify} distid:1234567812345678 message"));
    assert!(
        openssl
            .try_run(&format!("{verify} distid:8765432187654321 message"))
            .is_err()
    );
}

#[test]
fn we_read_a_key_of_openssl_and_accept_its_signature() {
    let openssl = Openssl::new();
    openssl.run("genpkey -algorithm SM2 -out key.pem");
    openssl.run("pkey -in key.pem -pubout -out public.pem");
    openssl.write("message", "通办");
    openssl.run("dgst -sm3 -sign key.pem -out signature -sigopt distid:1234567812345678 message");
    let text = |name| String::from_utf8(openssl.read(name)).unwrap();
    let key = SigningKey::from_pkcs8_pem(&text("key.pem")).unwrap();
    let public = VerifyingKey::from_pem(&text("public.pem")).unwrap();
    assert_eq!(key.verifying_key(), public);
    public
        .verify("通办".as_bytes(), &openssl.read("signature"))
        .unwrap();
}

#[test]
fn encryption_goes_both_ways_with_openssl() {
    let openssl = Openssl::new();
    let key = SigningKey::generate().unwrap();
    openssl.write("key.pem", key.to_pkcs8_pem().unwrap().as_bytes());
    openssl.write("public.pem", key.verifying_key().to_pem().unwrap());
    openssl.write("plain", "data key 16bytes");
    openssl.run("pkeyutl -encrypt -pubin -inkey public.pem -in plain -out theirs");
    assert_eq!(
        *key.decrypt(&openssl.read("theirs")).unwrap(),
        b"data key 16bytes"
    );
    openssl.write(
        "ours",
        key.verifying_key().encrypt(b"data key 16bytes").unwrap(),
    );
    openssl.run("pkeyutl -decrypt -inkey key.pem -in ours -out back");
    assert_eq!(openssl.read("back"), b"data key 16bytes");
}

#[test]
fn sm3_and_its_hmac_agree_with_openssl() {
    let openssl = Openssl::new();
    let text: Vec<u8> = (0..5000u32).map(|n| (n % 251) as u8).collect();
    openssl.write("text", &text);
    let digest = openssl.run("dgst -sm3 -r text");
    assert_eq!(digest.split(' ').next(), Some(sm3_hex(&text).as_str()));
    let mac = openssl.run("dgst -sm3 -mac HMAC -macopt key:secret -r text");
    let ours = hex::encode(hmac_sm3(b"secret", &[&text[..100], &text[100..]]));
    assert_eq!(mac.split(' ').next(), Some(ours.as_str()));
}
