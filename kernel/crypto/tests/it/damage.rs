//! Damaged input never panics and never verifies.

use std::sync::LazyLock;

use proptest::prelude::*;
use tongban_crypto::{
    Certificate, Seal, SealCheck, SealSignature, SignedData, SignedDataProfile, sign_detached,
    sign_with_seal, sm3, verify_detached,
};

use crate::actors::{Actors, NOW};

struct Samples {
    actors: Actors,
    sealed: Vec<u8>,
    signed: Vec<u8>,
}

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let actors = Actors::new();
    let sealed = sign_with_seal(&actors.seal(), &actors.officer, &sm3(b"x"), "/x", NOW).unwrap();
    let signed = sign_detached(b"x", &actors.officer, NOW, SignedDataProfile::Cms).unwrap();
    Samples {
        sealed: sealed.to_der().to_vec(),
        signed,
        actors,
    }
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::from_der(&bytes);
        let _ = Seal::from_der(&bytes);
        let _ = SealSignature::from_der(&bytes);
        let _ = SignedData::from_der(&bytes);
    }

    #[test]
    fn a_seal_signature_with_a_changed_byte_never_holds(position: prop::sample::Index, flip in 1u8..) {
        let mut bytes = SAMPLES.sealed.clone();
        bytes[position.index(SAMPLES.sealed.len())] ^= flip;
        let digest = sm3(b"x");
        let check = SealCheck { digest: &digest, property: "/x", trust: Some(&SAMPLES.actors.trust), now: NOW };
        if let Ok(signature) = SealSignature::from_der(&bytes) {
            prop_assert!(!signature.check(&check).is_empty());
        }
    }

    #[test]
    fn signed_data_with_a_changed_byte_tells_no_other_signer(position: prop::sample::Index, flip in 1u8..) {
        let mut bytes = SAMPLES.signed.clone();
        bytes[position.index(SAMPLES.signed.len())] ^= flip;
        let found = verify_detached(&bytes, b"x", Some(&SAMPLES.actors.trust), NOW);
        if found.is_valid() {
            prop_assert_eq!(found.signer.as_ref(), Some(SAMPLES.actors.officer.certificate()));
            prop_assert_eq!(found.signed_at, Some(NOW));
        }
    }
}
