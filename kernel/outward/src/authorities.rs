//! Who may vouch for others: the authorities that the installation names, and nobody else.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, DEFAULT_VERSIONS, RootCertStore};
use tongban_base::{Problem, Result};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authorities(Arc<ClientConfig>);

impl Authorities {
    /// The certificates of a PEM file. Errors: not readable, or none in it.
    pub fn read(file: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_file_iter(file).map_err(|c| unusable(file, &c))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|cause| unusable(file, &cause))?;
            roots
                .add(certificate)
                .map_err(|cause| unusable(file, &cause))?;
        }
        if roots.is_empty() {
            return Err(unusable(file, &"里面没有 PEM 格式的证书"));
        }
        Self::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(DEFAULT_VERSIONS)
            .map_err(Problem::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A certificate is looked at anew on each connection.
        config.resumption = Resumption::disabled();
        Ok(Self(Arc::new(config)))
    }

    /// For whoever brings the connection.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}

fn unusable(file: &Path, why: &dyn Display) -> Problem {
    let file = file.display();
    Problem::invalid(
        "outward.authorities",
        format!("签发机构的证书文件 {file} 不能用：{why}"),
    )
}
