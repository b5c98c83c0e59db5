//! SM2, SM3, SM4 behind our own types, keys, certificates and electronic seals (GB/T 38540). Knows no business.
