//! Encrypted sockets for tests: an authority of the test's own and servers that it vouches for. Each certificate is made
//! anew; none is good for anything else.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot have its certificate must fail at once"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{DEFAULT_VERSIONS, ServerConfig, SupportedProtocolVersion};

/// When a certificate is good, on whatever day the tests run.
#[derive(Clone, Copy, Debug)]
pub enum Term {
    Running,
    Over,
    ToCome,
}

pub struct CertificateAuthority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl CertificateAuthority {
    /// Two of one name are two.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no hosts");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("an authority");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Its certificate as a file, for whoever is to trust it.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let file = folder.join("authority.pem");
        std::fs::write(&file, &self.pem).expect("a file in the test's folder");
        file
    }

    /// A server that shows a certificate of `host`.
    pub fn server(&self, host: &str, term: Term) -> TlsAcceptor {
        self.server_of(host, term, DEFAULT_VERSIONS)
    }

    /// The same in these versions of TLS only.
    pub fn server_of(
        &self,
        host: &str,
        term: Term,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsAcceptor {
        let mut params = CertificateParams::new([host.to_owned()]).expect("the name of a host");
        match term {
            Term::Running => {}
            Term::Over => params.not_after = date_time_ymd(2001, 1, 1),
            Term::ToCome => params.not_before = date_time_ymd(2999, 1, 1),
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("a certificate of the authority");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("versions that fit together")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .expect("a key that fits its certificate");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Decrypts what comes for the server at `address`, which speaks in clear. The port on which it listens.
pub async fn decrypt_for(address: String, acceptor: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("a port").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, address) = (acceptor.clone(), address.clone());
            tokio::spawn(async move {
                let mut visitor = acceptor.accept(stream).await?;
                let mut server = TcpStream::connect(address).await?;
                copy_bidirectional(&mut visitor, &mut server).await
            });
        }
    });
    port
}
