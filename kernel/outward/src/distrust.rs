//! Why a certificate was not believed, so that the log tells one reason from another.

use std::error::Error;
use std::io;

use tokio_rustls::rustls::{self, CertificateError};

/// What is wrong with what the other side showed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("对方的证书不是由指定的机构签发的")]
    Authority,
    #[error("对方的证书是发给别的主机的")]
    Host,
    #[error("对方的证书已经过期")]
    Over,
    #[error("对方的证书还没有生效")]
    ToCome,
    #[error("对方的证书不能用：{0}")]
    Otherwise(String),
}

impl Distrust {
    /// The reason, where an error comes from a certificate that was not believed.
    pub fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            // An error of input or output hides what it carries from the chain.
            let carried = error.downcast_ref::<io::Error>().and_then(|e| e.get_ref());
            let carried = match carried {
                Some(carried) => carried.downcast_ref::<rustls::Error>(),
                None => error.downcast_ref::<rustls::Error>(),
            };
            if let Some(rustls::Error::InvalidCertificate(fault)) = carried {
                return Some(Self::of(fault));
            }
            next = error.source();
        }
        None
    }

    fn of(fault: &CertificateError) -> Self {
        use CertificateError as Fault;
        match fault {
            Fault::UnknownIssuer | Fault::BadSignature => Self::Authority,
            Fault::NotValidForName | Fault::NotValidForNameContext { .. } => Self::Host,
            Fault::Expired | Fault::ExpiredContext { .. } => Self::Over,
            Fault::NotValidYet | Fault::NotValidYetContext { .. } => Self::ToCome,
            other => Self::Otherwise(other.to_string()),
        }
    }
}
